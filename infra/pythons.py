"""Run `make test` on the other supported Pythons that this machine has: `make test-pythons`.

The Python of .venv is left out, because `make test` itself runs there. Environment: PYTHONS names the versions
("3.11 3.13") instead of all that are supported.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.deploy.interpreter import find_interpreter

ROOT = Path(__file__).resolve().parent.parent
SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
LOCK = ROOT / "requirements" / "dev.txt"


def own_version() -> str:
    """The version of the running interpreter, as SUPPORTED writes it."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def make_environment(interpreter: Path, folder: Path) -> Path:
    """The interpreter of an environment with what the lock names; made again only when the lock is newer.

    Raises:
        CalledProcessError: a package of the lock cannot be installed on this Python.
    """
    python, stamp = folder / "bin" / "python", folder / "dev.stamp"
    if not stamp.exists() or stamp.stat().st_mtime < LOCK.stat().st_mtime:
        subprocess.run([str(interpreter), "-m", "venv", "--clear", str(folder)], check=True)
        quiet = ["-qq", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
        subprocess.run([str(python), "-m", "pip", "install", *quiet, "-r", str(LOCK)], check=True)
        stamp.touch()
    return python


def run_tests(version: str, arguments: Sequence[str]) -> bool | None:
    """Whether the tests passed; None if this machine has no Python of that version."""
    interpreter = find_interpreter(version)
    if interpreter is None:
        return None
    python = make_environment(interpreter, ROOT / ".venv-pythons" / version)
    print(f"Python {version}:", flush=True)
    return subprocess.run([str(python), "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode == 0


def describe(outcomes: Mapping[str, bool | None]) -> list[str]:
    """One line for each version, and one more if no version could be tested."""
    words = {None: "not on this machine, not tested", True: "passed", False: "FAILED"}
    lines = [f"Python {version}: {words[passed]}" for version, passed in outcomes.items()]
    if set(outcomes.values()) <= {None}:
        lines.append(
            f"WARNING: only Python {own_version()} is here, so no second version is tested. Install one more of "
            f"{', '.join(SUPPORTED)} (`uv python install 3.13`, for example)."
        )
    return lines


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 if the tests passed on each version that is here.

    A machine with one Python alone can do no more, so that is a warning, unless PYTHONS names versions.
    """
    asked = os.environ.get("PYTHONS", "").split()
    named = asked or SUPPORTED
    outcomes = {version: run_tests(version, arguments) for version in named if version != own_version()}
    print("\n".join(describe(outcomes)))
    tested = set(outcomes.values()) - {None}
    return 0 if tested == {True} or not (tested or asked) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
