"""What make leaves of a variable with a $ in it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.blocks import ROOT

HOSTILE = "x://$(shell touch {})$$1 `id`"


@pytest.mark.parametrize(("target", "variable"), [("read", "RESOURCE"), ("call", "ARGS")])
def test_an_address_or_json_comes_through_as_it_was_typed(target: str, variable: str, tmp_path: Path) -> None:
    python, touched = tmp_path / "python", tmp_path / "touched"
    python.write_text(f'#!/bin/sh\nprintf %s "${variable}"\n')
    python.chmod(0o755)
    typed = HOSTILE.format(touched)

    # With -o nothing is installed: the environment counts as new enough.
    ran = subprocess.run(
        ["make", "--silent", "-o", ".venv/dev.stamp", target, f"BIN={tmp_path}", f"{variable}={typed}"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == typed
    assert not touched.exists()
