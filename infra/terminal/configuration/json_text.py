"""Add a member to the text of a JSON file and leave every other character as it is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"
DEFAULT_INDENT = "  "


class NotEditable(Exception):
    """The text cannot be changed safely; the message says why."""


@dataclass(frozen=True, slots=True)
class _Member:
    """One member of an object, by its places in the text."""

    key: str
    key_start: int
    value_start: int
    value_end: int


@dataclass(frozen=True, slots=True)
class _Object:
    start: int
    end: int
    """The place behind the closing brace."""
    members: list[_Member]
    margin: str
    inner: str
    """The indentation of the members."""


def add_entry(text: str, table: Sequence[str], name: str, entry: Mapping[str, object]) -> str:
    """Add the entry to the object under the names of `table`; objects that are not there are made.

    Raises:
        NotEditable: if the text is not plain JSON, such as JSON with comments, one of the names is not an object,
            or the entry is there already.
    """
    if not text.strip("\ufeff" + _SPACE):
        return json.dumps(_nest([*table, name], entry), indent=len(DEFAULT_INDENT), ensure_ascii=False) + "\n"
    before = read_json(text)
    if name in find_table(before, table):  # null, say
        raise NotEditable(f"it has {name} already, without a server")
    changed = _add(text, _skip_space(text, 1 if text.startswith("\ufeff") else 0), [*table, name], entry, "")
    if read_json(changed) != _merge(before, [*table, name], entry):
        raise NotEditable("its text is unusual, and adding to it would have changed other parts")
    return changed


def read_json(text: str) -> dict[str, Any]:
    """Read the text as one JSON object.

    Raises:
        NotEditable: if it is not one.
    """
    try:
        value = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        place = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise NotEditable(f"it is not plain JSON{place}; comments and trailing commas would be lost") from None
    if not isinstance(value, dict):
        raise NotEditable("it is not a JSON object")
    return value


def find_table(document: Mapping[str, Any], table: Sequence[str]) -> Mapping[str, Any]:
    """The object under these names; an empty one if there is none.

    Raises:
        NotEditable: if one of the names is something else.
    """
    found: Any = document
    for name in table:
        found = found.get(name, {})
        if not isinstance(found, dict):
            raise NotEditable(f"its {name} is not an object")
    return dict(found)


def _add(text: str, start: int, path: Sequence[str], entry: Mapping[str, object], margin: str) -> str:
    """Add the entry below the object whose brace is at `start`; `margin` is the indentation of its line."""
    found = _read_object(text, start, margin)
    for each in found.members:
        if each.key == path[0] and len(path) > 1:
            return _add(text, each.value_start, path[1:], entry, found.inner)
    return _insert(text, found, path[0], _nest(path[1:], entry))


def _insert(text: str, found: _Object, key: str, value: object) -> str:
    line_break = "\r\n" if "\r\n" in text else "\n"
    is_one_line = bool(found.members) and "\n" not in text[found.start : found.end]
    step = found.inner.removeprefix(found.margin) or DEFAULT_INDENT
    shown = json.dumps(value, ensure_ascii=False, indent=None if is_one_line else step)
    addition = f"{json.dumps(key, ensure_ascii=False)}: " + shown.replace("\n", line_break + found.inner)
    if found.members:
        place = found.members[-1].value_end
        between = ", " if is_one_line else f",{line_break}{found.inner}"
        return f"{text[:place]}{between}{addition}{text[place:]}"
    around = f"{line_break}{found.inner}{addition}{line_break}{found.margin}"
    return f"{text[: found.start + 1]}{around}{text[found.end - 1 :]}"


def _read_object(text: str, start: int, margin: str) -> _Object:
    """Read the object at `start`. The text is valid JSON."""
    members: list[_Member] = []
    place = _skip_space(text, start + 1)
    while text[place] != "}":
        key, behind_key = _DECODER.raw_decode(text, place)
        value_start = _skip_space(text, _skip_space(text, behind_key) + 1)
        value_end = _DECODER.raw_decode(text, value_start)[1]
        members.append(_Member(key, place, value_start, value_end))
        place = _skip_space(text, value_end)
        if text[place] == ",":
            place = _skip_space(text, place + 1)
    return _Object(start, place + 1, members, margin, _find_indent(text, members, margin))


def _find_indent(text: str, members: Sequence[_Member], margin: str) -> str:
    """The indentation of the object's members: that of the last one which begins a line."""
    for each in reversed(members):
        line = text[text.rfind("\n", 0, each.key_start) + 1 : each.key_start]
        if not line.strip(_SPACE):
            return line
    return margin + _find_step(text)


def _find_step(text: str) -> str:
    """One step of the file's indentation: the space before its first member."""
    first = next((line for line in text.splitlines()[1:] if line.strip()), "")
    return first[: len(first) - len(first.lstrip())] or DEFAULT_INDENT


def _skip_space(text: str, place: int) -> int:
    while text[place] in _SPACE:
        place += 1
    return place


def _nest(path: Sequence[str], value: object) -> object:
    for name in reversed(path):
        value = {name: value}
    return value


def _merge(document: Mapping[str, Any], path: Sequence[str], entry: Mapping[str, object]) -> dict[str, Any]:
    inner = entry if len(path) == 1 else _merge(document.get(path[0], {}), path[1:], entry)
    return {**document, path[0]: inner}
