"""Find the Python whose byte code the target reads: a .pyc serves one minor version alone."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_ASK = "import sys; print('%d.%d' % sys.version_info[:2])"


def find_interpreter(version: str) -> Path | None:
    """Of 3.13, say: this one, one on PATH, one that uv knows, or one of pyenv's; None if there is none."""
    return next((each for each in _candidates(version) if _is(each, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    if chosen := os.environ.get("BUILD_PYTHON"):
        yield Path(chosen)
    yield Path(sys.executable)
    if on_path := shutil.which(f"python{version}"):
        yield Path(on_path)
        # pyenv's commands on PATH answer only for versions that were chosen with it; beside them are all it has.
        shims = Path(on_path).parent
        yield from sorted(shims.parent.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)
    # uv says where its own are, and fails where it has none: it must not download one here.
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
