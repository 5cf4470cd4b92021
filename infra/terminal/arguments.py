"""Read ARGS: the arguments of a call as a JSON object, or @file with one."""

import json
from pathlib import Path
from typing import Any

from infra.operator.report import printable
from infra.terminal.command import UsageError

_EXAMPLE = """ARGS='{"start":"2026-01-02"}'"""
_SHOWN_CHARACTERS = 60


def read_arguments(text: str) -> dict[str, Any]:
    """Read the object; an empty text is a call without arguments.

    Raises:
        UsageError: if it is not a JSON object, with the place of the mistake; or if the file cannot be read.
    """
    text = text.strip()
    if not text:
        return {}
    source = "ARGS"
    if text.startswith("@"):
        source, text = text[1:], _read_file(text[1:])
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise UsageError(_describe(error, source)) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{source} is not JSON: {printable(str(error))}") from None
    if not isinstance(value, dict):
        raise UsageError(f"{source} must be a JSON object with the parameters' names, such as {_EXAMPLE}")
    return value


def _read_file(name: str) -> str:
    try:
        return Path(name).expanduser().read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"ARGS=@{name}: the file is not UTF-8 text") from None
    except OSError as error:
        raise UsageError(f"ARGS=@{name}: {error.strerror}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number that JSON has")


def _describe(error: json.JSONDecodeError, source: str) -> str:
    """The message with the line in question and a mark below the place."""
    line = error.doc.splitlines()[error.lineno - 1] if error.doc.splitlines() else ""
    begin = max(0, error.colno - _SHOWN_CHARACTERS // 2)
    shown = printable(line[begin : begin + _SHOWN_CHARACTERS], _SHOWN_CHARACTERS)
    mark = " " * (error.colno - 1 - begin) + "^"
    # A shell takes quotation marks away that stand outside of single quotes.
    hint = (
        ""
        if '"' in error.doc
        else f"\nThe shell takes double quotes away: write single quotes around it, {_EXAMPLE}"
    )
    place = f"line {error.lineno}, column {error.colno}"
    return f"{source} is not JSON: {error.msg} at {place}\n  {shown}\n  {mark}{hint}"
