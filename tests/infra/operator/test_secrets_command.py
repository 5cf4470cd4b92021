"""`make secrets NAME=`: which names there are, and whose NAME counts."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from app.authoring import secret
from infra.operator.team_secret import NameRefused, find_name
from tests.blocks import ROOT


@pytest.mark.parametrize(("arguments", "name"), [([], ""), (["NAME=STRIPE_KEY"], "STRIPE_KEY")])
def test_the_name_of_the_machine_in_the_shell_is_not_that_of_a_secret(
    arguments: list[str], name: str, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "NAME is <$NAME>"\n')
    python.chmod(0o755)
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}

    # With -o nothing is installed: the environment counts as new enough.
    ran = subprocess.run(
        ["make", "--silent", "-o", ".venv/dev.stamp", "secrets", f"BIN={tmp_path}", *arguments],
        cwd=ROOT,
        env={**own, "NAME": "LAPTOP"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == f"NAME is <{name}>\n"


NAMES = "STRIPE_KEY A A1_ stripe 1A A-B AWS AWSX AWS_SESSION_TOKEN WORKOS_API_KEY REQUEST_STATE_KEY"


@pytest.mark.parametrize("name", [*NAMES.split(), "A" * 64, "A" * 65])
def test_the_operator_and_the_function_take_the_same_names(name: str) -> None:
    def takes(check: Callable[[], object]) -> bool:
        try:
            check()
        except (ValueError, NameRefused):
            return False
        return True

    assert takes(lambda: secret(name)) == takes(lambda: find_name({"NAME": name}))
