"""`copier copy` of the template, by the real program: it makes what `git clone` and `make init` make."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.blocks import ROOT
from tests.upgrade import copy
from tests.upgrade.tree import TEMPLATE_ONLY, read_tree

COPIER = ROOT / ".venv-copier/bin/copier"
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        not (ROOT / TEMPLATE_ONLY).exists(), reason="copier made this project, without its own file"
    ),
]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that people copy."""
    return copy.copy_repository(tmp_path_factory.mktemp("template"))


def run_copier(template: Path, target: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COPIER), "copy", "--quiet", "--trust", *options, str(template), str(target)],
        cwd=target.parent,
        env={"PATH": os.environ["PATH"], "HOME": str(target.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_copier_makes_what_make_init_makes_and_takes_the_folders_name(template: Path, tmp_path: Path) -> None:
    copy.git(template, "clone", "--quiet", str(template), str(tmp_path / "cloned"))
    copy.make_init(tmp_path / "cloned", "acme-tools")

    ran = run_copier(template, tmp_path / "acme-tools", "--defaults")

    assert ran.returncode == 0, ran.stderr
    copied, cloned = read_tree(tmp_path / "acme-tools"), read_tree(tmp_path / "cloned")
    assert copied.keys() == cloned.keys()
    assert [name for name in copied if copied[name] != cloned[name]] == []
    assert b'name="acme-tools"' in copied["app/identity.py"][0]


def test_a_name_that_make_init_refuses_leaves_no_folder(template: Path, tmp_path: Path) -> None:
    ran = run_copier(template, tmp_path / "mine", "--data", "name=Acme Tools")

    assert ran.returncode != 0
    assert "NAME is 'Acme Tools': give 2 to 40" in ran.stdout + ran.stderr
    assert not (tmp_path / "mine").exists()
