"""Shorten the function's JSON log records to lines for a person at a terminal."""

import json
import re
from pathlib import Path
from typing import Any

_FRAME = re.compile(r'^ *File "(?P<file>[^"\n]+)", line (?P<line>\d+)', re.MULTILINE)
_MAX_NAME_LENGTH = 20
_AUTHORS = {("tools",), ("prompts",), ("resources",)}
"""Folders whose files belong to the team."""
# Fields that every record has and a developer does not need; LOG=json shows them.
_FRAME_FIELDS = {"level", "location", "message", "timestamp", "service", "xray_trace_id", "sampling_rate"}
_INVOCATION_FIELDS = {"request_id", "gateway_request_id"}
_OF_WORKOS = ("WorkOS refused or failed", "grants could not be looked up")
# Control characters, which a terminal would act on; a JSON record may contain them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def shorten(line: str, code: Path) -> list[str]:
    """Shorten one line; `code` is the folder of the function's own package.

    A line that is not a record of the function stays as it is. LOG=json shows whole records.
    """
    record = _record(line)
    if record is None:
        return [line]
    if (failure := _failure(record, code)) is not None:
        return [failure]
    return [_short(record) or line]


def _short(record: dict[str, Any]) -> str | None:
    message = record.get("message")
    if message in ("exchange", "work") and "outcome" in record:
        return _exchange(record) if message == "exchange" else _end_of_work(record)
    if message == "refused" and "reason" in record:
        return _plain("  refused", record.get("status"), record["reason"])
    if message == "audit event lost":
        return _plain("  audit event lost", _used(record), record.get("reason"), record.get("code"))
    if message == "tool not for every client" and "clients" in record:
        return _finding(record)
    if message in _OF_WORKOS:
        return _workos(record)
    return _event(record) if _is_of_logger(record) else None


def _is_of_logger(record: dict[str, Any]) -> bool:
    """Whether the function's logger wrote the line, and not a tool that prints JSON."""
    return isinstance(record.get("message"), str) and {"level", "location"} <= record.keys()


def _event(record: dict[str, Any]) -> str:
    """The record's message and fields, and its level if that is not INFO."""
    level = "" if record["level"] == "INFO" else f"{record['level']}: ".lower()
    said = {name: record[name] for name in record.keys() - _FRAME_FIELDS - _INVOCATION_FIELDS}
    fields = (f"{name}={_value(said[name])}" for name in record if name in said)
    return _plain(f"  {level}{record['message']}", *fields)


def _value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _workos(record: dict[str, Any]) -> str:
    """What WorkOS answered, or why it did not answer (docs/failures.md)."""
    errors = record.get("errors")
    return _plain(
        f"  {record['message']}:",
        record.get("failure") or record.get("reason"),
        record.get("status"),
        record.get("code"),
        record.get("endpoint"),
        record.get("detail"),
        "; ".join(map(str, errors)) if isinstance(errors, list) else None,
    )


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
        f"({record['needs']})" if "needs" in record else None,
        record.get("code"),
        None if milliseconds is None else f"{milliseconds} ms",
        shorten_name(record.get("user_id")),
    )


def _end_of_work(record: dict[str, Any]) -> str:
    work = f"(work {shorten_name(record.get('work'))})"
    return _plain(f"  {record.get('tool')}", record["outcome"], f"{record.get('seconds')} s", work)


def _finding(record: dict[str, Any]) -> str:
    where = ".".join(str(record[key]) for key in ("tool", "field") if record.get(key))
    said = f"{record['clients']}; {record.get('instead')} (or silence={record.get('kind')!r})"
    return _plain("  warning", record.get("file"), f"{where}:", said)


def _used(record: dict[str, Any]) -> object:
    return record.get("tool") or record.get("prompt") or record.get("resource")


def _failure(record: dict[str, Any], code: Path) -> str | None:
    """One line instead of a traceback, which is hard to read in JSON; None if there is no exception."""
    name, trace = record.get("exception_name"), record.get("exception")
    if not isinstance(name, str) or not isinstance(trace, str):
        return None
    what = _plain(record.get("message"), _used(record))
    return _plain(f"  {what}: {_reason(name, trace)}", _place(trace, code, record.get("file")))


def _reason(name: str, trace: str) -> str:
    """The exception with the first line of its message.

    In a chain the last exception is the one that was raised.
    """
    # A traceback names the module of classes outside of builtins: `app.auth.TokenMissing: …`.
    raised = re.compile(rf"^(?:[\w.]+\.)?({re.escape(name)}(?::.*)?)$", re.MULTILINE)
    said = raised.findall(trace)
    return said[-1] if said else name


def _place(trace: str, code: Path, file: object) -> str | None:
    """The innermost line of an author's code, else the file that the record names, else the server's own line."""
    frames = [(Path(found["file"]), found["line"]) for found in _FRAME.finditer(trace)]
    own = [(path, line) for path, line in frames if path.is_relative_to(code) or path == code.with_suffix(".py")]
    authors = [(path, line) for path, line in own if path.relative_to(code.parent).parts[1:2] in _AUTHORS]
    if not authors and isinstance(file, str):
        return f"({file})"
    innermost = (authors or own)[-1:]
    return next((f"({path.relative_to(code.parent)}, line {line})" for path, line in innermost), None)


def shorten_name(name: object) -> object:
    """The name as a terminal shows it; the log has it whole."""
    return f"{name[:_MAX_NAME_LENGTH]}…" if isinstance(name, str) and len(name) > _MAX_NAME_LENGTH else name


def _plain(*parts: object) -> str:
    return _CONTROL.sub(" ", " ".join(str(part) for part in parts if part is not None))
