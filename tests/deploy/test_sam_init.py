"""`sam init --location` of the template, by the real program: every file is there, and `make init` names it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.blocks import ROOT
from tests.upgrade import copy
from tests.upgrade.tree import read_tree

pytestmark = pytest.mark.deploy


def test_sam_init_copies_the_template_and_make_init_names_it(tmp_path: Path) -> None:
    (tmp_path / "template").mkdir()
    template = copy.copy_repository(tmp_path / "template")
    copy.git(template, "clone", "--quiet", str(template), str(tmp_path / "cloned"))

    ran = subprocess.run(
        [
            str(ROOT / ".venv-deploy/sam/bin/sam"),
            *("init", "--no-interactive", "--location", f"git+file://{template}", "--name", "acme-tools"),
        ],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "SAM_CLI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    for name in ("acme-tools", "cloned"):
        copy.make_init(tmp_path / name, "acme-tools")
    made, cloned = read_tree(tmp_path / "acme-tools"), read_tree(tmp_path / "cloned")
    assert made.keys() == cloned.keys()
    assert [name for name in made if made[name] != cloned[name]] == []
