"""The function's log lines as a person reads them in a terminal: its JSON records made short."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_FRAME = re.compile(r'^ *File "(?P<file>[^"\n]+)", line (?P<line>\d+)', re.MULTILINE)
_NAME_LIMIT = 20
# What every record has, and nobody looks for while developing; LOG=json shows it.
_FRAME_FIELDS = {"level", "location", "message", "timestamp", "service", "xray_trace_id", "sampling_rate"}
_INVOCATION_FIELDS = {"request_id", "gateway_request_id"}
# Terminals act on these; a JSON record may hold any of them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def shorten(line: str, code: Path) -> list[str]:
    """What to print for one line; `code` is the folder of the function's own package.

    A line that is no record of the function is printed as it is.
    """
    record = _record(line)
    if record is None:
        return [line]
    if record.get("message") == "exchange" and "outcome" in record:
        return [_exchange(record)]
    if record.get("message") == "refused" and "reason" in record:
        return [_plain("  refused", record.get("status"), record["reason"])]
    if record.get("message") == "audit event lost" and "exception" not in record:
        return [_plain("  audit event lost", _used(record), record.get("reason"), record.get("code"))]
    if _is_of_logger(record) and "exception" not in record:
        return [_event(record)]
    return [line, *_error(record, code)]


def _is_of_logger(record: dict[str, Any]) -> bool:
    """Whether the function's logger wrote it, and not a tool that prints JSON of its own."""
    return isinstance(record.get("message"), str) and {"level", "location"} <= record.keys()


def _event(record: dict[str, Any]) -> str:
    """Its message and what was said with it, and the level where that is not INFO."""
    level = "" if record["level"] == "INFO" else f"{record['level']}: ".lower()
    said = {name: record[name] for name in record.keys() - _FRAME_FIELDS - _INVOCATION_FIELDS}
    fields = (f"{name}={_value(said[name])}" for name in record if name in said)
    return _plain(f"  {level}{record['message']}", *fields)


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _record(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _exchange(record: dict[str, Any]) -> str:
    milliseconds = record.get("ms")
    return _plain(
        f"  {_used(record) or record.get('method') or 'message'}",
        record["outcome"],
        record.get("reason"),
        record.get("code"),
        None if milliseconds is None else f"{milliseconds} ms",
        _shortened(record.get("user_id")),
    )


def _used(record: dict[str, Any]) -> object:
    return record.get("tool") or record.get("prompt") or record.get("resource")


def _error(record: dict[str, Any], code: Path) -> Iterable[str]:
    """One line after a traceback, which is a wall of text within JSON."""
    name, trace = record.get("exception_name"), record.get("exception")
    if isinstance(name, str) and isinstance(trace, str):
        yield _plain(f"  {_reason(name, trace)}", _place(trace, code))


def _reason(name: str, trace: str) -> str:
    """The exception with the first line of its message; of a chain, the last one is what was raised."""
    # Of a class outside builtins a traceback gives the module too: `app.auth.TokenMissing: …`.
    raised = re.compile(rf"^(?:[\w.]+\.)?({re.escape(name)}(?::.*)?)$", re.MULTILINE)
    said = raised.findall(trace)
    return said[-1] if said else name


def _place(trace: str, code: Path) -> str | None:
    """The innermost line of the function's own code."""
    frames = [(Path(found["file"]), found["line"]) for found in _FRAME.finditer(trace)]
    own = [(file, line) for file, line in frames if file.is_relative_to(code) or file == code.with_suffix(".py")]
    return f"({own[-1][0].relative_to(code.parent)}, line {own[-1][1]})" if own else None


def _shortened(name: object) -> object:
    return f"{name[:_NAME_LIMIT]}…" if isinstance(name, str) and len(name) > _NAME_LIMIT else name


def _plain(*parts: object) -> str:
    return _CONTROL.sub(" ", " ".join(str(part) for part in parts if part is not None))
