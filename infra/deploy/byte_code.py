"""Compile the artefact: Lambda's code folder is read-only, so without this every cold start compiles anew."""

import os
import subprocess
from pathlib import Path

# Where Lambda unpacks the artefact: tracebacks name the files there.
_TASK_ROOT = "/var/task"
_WITH_SOURCES = ("app", "examples")


def compile_artefact(folder: Path, interpreter: Path) -> None:
    """Our own code keeps its sources, for tracebacks; the packages are byte code alone: a quarter less to load."""
    packages = sorted(entry for entry in folder.iterdir() if _is_code(entry))
    _compile(interpreter, folder, [folder / name for name in _WITH_SOURCES if (folder / name).exists()])
    _compile(interpreter, folder, packages, in_place_of_sources=True)
    for package in packages:
        for source in [package] if package.is_file() else package.rglob("*.py"):
            source.unlink()


def _is_code(entry: Path) -> bool:
    return entry.name not in _WITH_SOURCES and (entry.is_dir() or entry.suffix == ".py")


def _compile(interpreter: Path, folder: Path, what: list[Path], *, in_place_of_sources: bool = False) -> None:
    subprocess.run(
        [
            str(interpreter),
            *("-m", "compileall", "-q"),
            *(["-b"] if in_place_of_sources else []),
            # Unchecked, so that no file time is in it: two builds are the same bytes.
            *("--invalidation-mode", "unchecked-hash"),
            *("-s", str(folder), "-p", _TASK_ROOT),
            *map(str, what),
        ],
        # Constants that are sets are written in the order of their hashes.
        env={**os.environ, "PYTHONHASHSEED": "0"},
        check=True,
    )
