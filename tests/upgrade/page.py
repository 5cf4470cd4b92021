"""docs/make-it-yours.md, done: each block that begins with the name of a file is written to that file."""

import re
from collections.abc import Callable
from pathlib import Path

from tests.blocks import ROOT

PAGE = "docs/make-it-yours.md"
_BLOCK = re.compile(
    r"^```[a-z]+\n# (?P<file>[\w./-]+\.\w+|\.env)(?:, [^\n]*)?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


def read_steps() -> dict[str, str]:
    """What the page writes, by the name of the file."""
    return {found["file"]: found["text"] for found in _BLOCK.finditer((ROOT / PAGE).read_text())}


def apply_page(folder: Path, *, without: tuple[str, ...] = ()) -> None:
    """Write what the page writes, except to the files of `without`."""
    for file, text in read_steps().items():
        if file not in without:
            _WAYS.get(file, _write)(folder / file, text)


def _write(file: Path, text: str) -> None:
    file.write_text(text)


def _replace_lines(file: Path, text: str) -> None:
    """Each `key = value` in the place of the first line with that key, which the file has already."""
    before = file.read_text()
    for line in text.splitlines():
        key, equals, _ = line.partition(" = ")
        if equals:
            before, count = re.subn(rf"^{key} = .*$", lambda _, to=line: to, before, count=1, flags=re.MULTILINE)  # type: ignore[misc]
            assert count, f"{file.name} has no {key}"
    file.write_text(before)


_WAYS: dict[str, Callable[[Path, str], None]] = {
    "pyproject.toml": _replace_lines,
    "samconfig.toml": _replace_lines,
}
