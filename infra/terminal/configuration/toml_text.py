"""Add a table to the text of a TOML file and leave every other character as it is."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from infra.terminal.configuration.json_text import NotEditable


def add_entry(text: str, table: Sequence[str], name: str, entry: Mapping[str, object]) -> str:
    """Add [table.name] at the end of the file, where TOML allows a new table after anything.

    Raises:
        NotEditable: if the text is not TOML, or cannot take the table, such as after an inline table of that name.
    """
    before = read_toml(text)
    line_break = "\r\n" if "\r\n" in text else "\n"
    header = ".".join(_write_key(each) for each in [*table, name])
    lines = [f"[{header}]", *(f"{_write_key(key)} = {json.dumps(value)}" for key, value in entry.items())]
    gap = "" if not text.strip() else line_break if text.endswith("\n") else line_break * 2
    changed = text + gap + line_break.join(lines) + line_break
    try:
        is_as_meant = tomllib.loads(changed) == _merge(before, [*table, name], entry)
    except tomllib.TOMLDecodeError:
        is_as_meant = False
    if not is_as_meant:
        raise NotEditable(f"its {table[0]} is written in a form to which nothing can be added at the end")
    return changed


def read_toml(text: str) -> dict[str, Any]:
    """Read the text.

    Raises:
        NotEditable: if it is not TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotEditable(f"it is not TOML: {error}") from None


def _write_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)


def _merge(document: Mapping[str, Any], path: Sequence[str], entry: Mapping[str, object]) -> dict[str, Any]:
    inner = document.get(path[0], {}) if len(path) > 1 else entry
    return {**document, path[0]: _merge(inner, path[1:], entry) if len(path) > 1 else dict(inner)}
