"""Writes each log record as one JSON line, even if its content is hostile, too long or cannot be rendered."""

import json
import logging
import math
import os
import re
import sys
import traceback
from datetime import UTC, datetime
from itertools import islice
from typing import Any

MAX_LINE_BYTES = 200_000
"""CloudWatch Logs takes an event of 1 MiB, some consumers of its streams one of 256 KiB."""
# How much of a record stays if it is too long or cannot be rendered. That fits into a line even if each character
# becomes an escape of six bytes.
MAX_RECORD_CHARACTERS = 24_000
MAX_TEXT_CHARACTERS = 8_000
MAX_RECORD_VALUES = 1_000
MAX_DEPTH = 8
MAX_NUMBER_BITS = 256
MAX_NESTED_RECORDS = 3
"""An object may log when its text is asked for, even about itself: then records are nested."""

# Some readers split lines at the first five kinds, and no encoding can write a lone surrogate.
_UNSAFE = re.compile("[\x80-\x9f\u2028\u2029\ud800-\udfff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_LAST_RESORT = b'{"level":"ERROR","message":"log line could not be written"}\n'


class LineHandler(logging.StreamHandler[Any]):
    """A StreamHandler for formatters that make JSON. It never raises and never prints a traceback.

    It repairs a line that is too long or not JSON. If the formatter raises, it formats the record again with
    plain, bounded values. A line that the stream refuses goes to stderr, which Lambda reads into the same log. All
    these lines have a field `log_problem`.
    """

    _depth = 0

    def emit(self, record: logging.LogRecord) -> None:
        self._depth += 1  # the caller holds the handler's lock
        try:
            line = self._make_line(record)
            try:
                self._write(line)
            except Exception as error:  # noqa: BLE001 - of any kind: the record goes to stderr then
                self._report(record, error)
        finally:
            self._depth -= 1

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Report it in one line. logging's own method would print a traceback, with line breaks of callers."""
        self._report(record, sys.exc_info()[1])

    def _make_line(self, record: logging.LogRecord) -> str:
        problem = "nested" if self._depth > MAX_NESTED_RECORDS else ""
        for prepare in () if problem else (_as_it_is, _plain_record):
            # An object of a tool may raise anything when its text is asked for, SystemExit included.
            try:
                line = self.format(prepare(record, problem))
                if found := _find_problem(line):
                    line = _repair(line, found)
            except BaseException as error:  # noqa: BLE001
                problem = type(error).__name__
            else:
                return line if line.isascii() else _UNSAFE.sub(_escape, line)
        return _failure_line(record, problem)

    def _write(self, line: str) -> None:
        try:
            self.stream.write(line + self.terminator)
        except UnicodeEncodeError:
            # The stream is not UTF-8. Readers of JSON read the escapes as the same text.
            self.stream.write(_NOT_ASCII.sub(_escape, line) + self.terminator)
        self.flush()

    def _report(self, record: logging.LogRecord, error: BaseException | None) -> None:
        try:
            line = self._make_line(_plain_record(record, type(error).__name__))
            sys.stderr.write(_NOT_ASCII.sub(_escape, line) + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - stderr is gone as well
            _write_last_resort()


def _write_last_resort() -> None:
    try:
        os.write(2, _LAST_RESORT)
    except OSError:  # this process can log nothing any more; the call goes on
        return


def _as_it_is(record: logging.LogRecord, problem: str) -> logging.LogRecord:
    return record


def _find_problem(line: str) -> str:
    """Why this line must not be written, as a word for the log; empty if it may be."""
    # The cheap check comes first: megabytes of a caller's text must not be replaced and encoded to count them.
    if len(line) > MAX_LINE_BYTES:
        return "too_long"
    if len(line) * 6 > MAX_LINE_BYTES and len(_UNSAFE.sub(_escape, line).encode()) > MAX_LINE_BYTES:
        return "too_long"
    # Python writes these words for numbers that JSON does not have (RFC 8259 section 6). A text may hold them too.
    if ("NaN" in line or "Infinity" in line) and _has_constant(line):
        return "not_finite"
    return ""


def _has_constant(line: str) -> bool:
    found: list[str] = []
    json.loads(line, parse_constant=found.append)
    return bool(found)


def _repair(line: str, problem: str) -> str:
    """The line with fewer and shorter values, all of JSON's own types. This is faster than formatting it again."""
    plain = _Plain()
    fields = json.loads(line, parse_constant=lambda name: "[number]")
    kept = {plain.text(name): plain.value(value) for name, value in fields.items()}
    return json.dumps({**kept, "log_problem": problem}, separators=(",", ":"), ensure_ascii=False)


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def _failure_line(record: logging.LogRecord, problem: str) -> str:
    """The line for a record of which the formatter cannot write plain values either."""
    plain = _Plain()
    return json.dumps(
        {
            "level": "ERROR",
            "location": f"{plain.text(record.funcName)}:{plain.text(record.lineno)}",
            "message": "log line could not be made",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "logger": plain.text(record.name),
            "log_problem": problem,
        }
    )


def _plain_record(record: logging.LogRecord, problem: str) -> logging.LogRecord:
    """A copy with few values, all of JSON's own types; `problem` says why the copy is needed."""
    plain, fields = _Plain(), dict(record.__dict__)
    error, message = fields.pop("exc_info", None), _message(record, plain)
    del fields["msg"], fields["args"]
    copied = {plain.text(name): plain.value(value) for name, value in fields.items()}
    # If there are arguments, Powertools does not read a text as JSON.
    copied |= {"msg": message, "args": None} if isinstance(message, dict) else {"msg": "%s", "args": (message,)}
    copied["log_problem"] = problem
    if isinstance(error, tuple) and error[0] is not None:
        # Powertools writes these as they are if a record has them.
        copied["exception_name"] = plain.name_of(error[0])
        copied["exception"] = plain.text(_trace(error))
    return logging.makeLogRecord({**copied, "exc_info": None, "exc_text": None, "stack_info": None})


def _message(record: logging.LogRecord, plain: "_Plain") -> Any:
    if not record.args:
        return plain.value(record.msg) if issubclass(type(record.msg), dict) else plain.text(record.msg)
    try:
        return plain.text(record.getMessage())
    except BaseException:  # noqa: BLE001 - as for the whole line
        return plain.text(f"{plain.text(record.msg)} {plain.value(record.args)}")


def _trace(error: Any) -> str:
    try:
        return "".join(traceback.format_exception(*error))
    except BaseException:  # noqa: BLE001 - as for the whole line
        return _list_places(error[2])


def _list_places(trace: Any) -> str:
    """Where it was raised, without lines of source: the file's name may be one that Python cannot look up."""
    frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(trace)]
    return "".join(f'  File "{code.co_filename}", line {line}, in {code.co_name}\n' for code, line in frames)


class _Plain:
    """Makes the values of one record plain, and keeps count of how many and how long they are together."""

    def __init__(self) -> None:
        self._characters = MAX_RECORD_CHARACTERS
        self._values = MAX_RECORD_VALUES

    def value(self, given: Any, depth: int = 0) -> Any:
        self._values -= 1
        kind = type(given)  # isinstance() would ask the object itself, which may raise
        if given is None or kind is bool:
            return given
        if issubclass(kind, int):
            return given if int.bit_length(given) <= MAX_NUMBER_BITS else "[number]"
        if issubclass(kind, float):
            return given if math.isfinite(given) else "[number]"
        if issubclass(kind, dict | list | tuple):
            return self._members(given, depth + 1)
        return self.text(given)

    def text(self, given: Any) -> str:
        """The text of the value; if it is too long, its beginning and its end."""
        try:
            text = str.__str__(str(given))  # a subclass of str may have methods of its own
        except BaseException:  # noqa: BLE001 - as for the whole line
            text = f"[unreadable {self.name_of(type(given))}]"
        room = min(self._characters // 2, MAX_TEXT_CHARACTERS)  # half, so that something is left for later values
        if len(text) > room:
            half = room // 2
            text = f"{text[:half]} [{len(text) - 2 * half} characters left out] {text[len(text) - half :]}"
        self._characters -= min(len(text), room)
        return text

    def name_of(self, kind: Any) -> str:
        try:
            return self.text(kind.__name__)
        except BaseException:  # noqa: BLE001 - a metaclass may raise as well
            return "[unreadable]"

    def _members(self, given: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            return "[nested too deeply]"
        # The members get half of what is left, so that the fields after this one are still written.
        kept = self._values - self._values // 2, self._characters - self._characters // 2
        self._values, self._characters = self._values // 2, self._characters // 2
        try:
            # The iterators of the built-in types: that of a subclass may never end.
            if issubclass(type(given), dict):
                items = islice(dict.items(given), max(0, self._values))
                return {self.text(name): self.value(each, depth) for name, each in items if self._values > 0}
            walk = list.__iter__ if issubclass(type(given), list) else tuple.__iter__
            values = islice(walk(given), max(0, self._values))
            return [self.value(each, depth) for each in values if self._values > 0]
        finally:
            self._values, self._characters = self._values + kept[0], self._characters + kept[1]
