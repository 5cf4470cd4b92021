"""What make leaves of a variable with a $ in it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.blocks import ROOT

HOSTILE = "x://$(shell touch {})$$1 `id`"


def run_make(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make with a shell script in place of Python."""
    python = folder / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    # With -o nothing is installed: the environment counts as new enough.
    return subprocess.run(
        ["make", "--silent", "-o", ".venv/dev.stamp", f"BIN={folder}", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("target", "variable"), [("read", "RESOURCE"), ("call", "ARGS")])
def test_an_address_or_json_comes_through_as_it_was_typed(target: str, variable: str, tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    typed = HOSTILE.format(touched)

    ran = run_make(tmp_path, f'printf %s "${variable}"', target, f"{variable}={typed}")

    assert ran.returncode == 0
    assert ran.stdout == typed
    assert not touched.exists()


@pytest.mark.parametrize("status", [1, 2], ids=["tool error", "wrong variable"])
def test_make_ends_with_2_for_every_failure(status: int, tmp_path: Path) -> None:
    ran = run_make(tmp_path, f"exit {status}", "call")

    assert ran.returncode == 2
    assert f"Error {status}" in ran.stderr
