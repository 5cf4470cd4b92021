"""Find a Python of the target's minor version: byte code (.pyc) works with one minor version only."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_ASK = "import sys; print('%d.%d' % sys.version_info[:2])"


def find_interpreter(version: str) -> Path | None:
    """Find a Python of a version such as 3.13: this one, one on PATH, one of uv's or of pyenv's, or None."""
    return next((each for each in _candidates(version) if _is(each, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    if chosen := os.environ.get("BUILD_PYTHON"):
        yield Path(chosen)
    yield Path(sys.executable)
    if on_path := shutil.which(f"python{version}"):
        yield Path(on_path)
        # pyenv's commands on PATH work only for selected versions; its `versions` folder has all of them.
        shims = Path(on_path).parent
        yield from sorted(shims.parent.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)
    # `uv python find` fails if uv has none; this must not download one.
    uv = [str(Path(sys.executable).parent / "uv"), "python", "find", "--no-python-downloads", "--managed-python"]
    if found := _output([*uv, version]):
        yield Path(found)


def _is(interpreter: Path, version: str) -> bool:
    return _output([str(interpreter), "-c", _ASK]) == version


def _output(command: list[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


if __name__ == "__main__":
    if not (found := find_interpreter(sys.argv[1])):
        sys.exit(1)
    print(found)
