"""Copy the files of `app/` that are deployed: Python files, and the data files that pyproject.toml declares."""

import os
import shutil
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

TABLE = "tool.artefact"
FOR_TESTS = PurePath("authoring", "testing")
"""The folder of `app/` that tests alone import: no artefact has it, and the operator need not hear of it."""
_SERVER_DATA = ("http/*.html",)
"""What the server itself reads: it is shipped even if a team declares other data."""
_FIX = f'if a tool reads it, declare it in pyproject.toml: [{TABLE}] data = ["tools/handbook.md"]'


class InvalidDeclaration(Exception):
    """pyproject.toml declares data that cannot be deployed; the message names the pattern and the fix."""


def declared_data(file: Path) -> tuple[str, ...]:
    """Read the patterns of data files, relative to `app/`, such as `**/*.html`; empty if none is declared.

    Raises:
        InvalidDeclaration: if a pattern is not a string, or leads out of `app/`.
    """
    patterns = tomllib.loads(file.read_text()).get("tool", {}).get("artefact", {}).get("data", [])
    if not isinstance(patterns, list):
        raise InvalidDeclaration(f"{file.name}: data of [{TABLE}] must be a list of patterns")
    for pattern in patterns:
        if not isinstance(pattern, str) or not _stays_inside(pattern):
            raise InvalidDeclaration(
                f"{file.name}: [{TABLE}] declares {pattern!r}: write a pattern below app/, such as **/*.html"
            )
    return tuple(patterns)


def copy_sources(app: Path, destination: Path, data: Sequence[str]) -> list[str]:
    """Copy the deployed files. Returns the names of the others, relative to `app`, for the operator to see.

    Files whose name begins with a dot are never deployed, even if declared: they hold secrets, caches and editors'
    state.
    """
    declared = {path for pattern in (*_SERVER_DATA, *data) for path in app.glob(pattern)}
    left_out = []
    for file in _files(app):
        name = file.relative_to(app)
        if name.is_relative_to(FOR_TESTS):
            continue
        if _is_hidden(name) or not (file.suffix == ".py" or file in declared) or not _is_own(file, app):
            left_out.append(name.as_posix())
            continue
        target = destination / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target)
    return left_out


def describe_left_out(names: Sequence[str]) -> str:
    """Write the message for the operator; empty if no file was left out."""
    if not names:
        return ""
    shown = ", ".join(f"app/{name}" for name in names[:10])
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return f"Not shipped: {shown}{more}; {_FIX}. Names with a dot in front are never shipped."


def _files(app: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(app):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        # os.walk does not follow links to folders: they are left out, and named in the message.
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (Path(folder, name) for name in sorted([*names, *links]) if not name.endswith(".pyc"))


def _is_hidden(name: PurePath) -> bool:
    return any(part.startswith(".") for part in name.parts)


def _is_own(file: Path, app: Path) -> bool:
    """Whether it is a file inside `app/`: a link may lead to any file of this machine, or nowhere."""
    return file.is_file() and file.resolve().is_relative_to(app.resolve())


def _stays_inside(pattern: str) -> bool:
    path = PurePath(pattern)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts
