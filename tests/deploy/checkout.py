"""A copy of this checkout that a test may change; it shares the installed environments."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.blocks import ROOT

_COPIED = ("Makefile", "app", "infra", "pyproject.toml", "requirements", "samconfig.toml", "template.yaml")
_SHARED = (".venv", ".venv-deploy")


class Checkout:
    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._environment = {**os.environ, **environment}
        for name in ("PYTHONPATH", "MAKEFLAGS", "MAKELEVEL"):
            self._environment.pop(name, None)
        for name in _COPIED:
            self._copy(name)
        for name in _SHARED:
            (folder / name).symlink_to(ROOT / name)

    def make(self, target: str, **variables: str) -> str:
        """What it printed; make's failure is the test's, with the output."""
        command = ["make", "-s", target, *(f"{name}={value}" for name, value in variables.items())]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _copy(self, name: str) -> None:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, self.folder / name)
