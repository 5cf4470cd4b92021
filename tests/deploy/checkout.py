"""A copy of this checkout that a test may change; it shares the installed environments."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.blocks import ROOT
from tests.team import FIXTURES, TEAM_ENVIRONMENT

_COPIED = (
    "Makefile",
    "app",
    "examples",
    "infra",
    "pyproject.toml",
    "requirements",
    "template.yaml",
)
_SHARED = (".venv", ".venv-deploy")


class Checkout:
    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._environment = {**os.environ, **environment}
        for name in ("PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "SAMCONFIG"):
            self._environment.pop(name, None)
        for name in _COPIED:
            self.copy(name)
        shutil.copy2(FIXTURES / "samconfig.toml", folder)
        # Not the team's own fragment, which may need more of AWS than is here: its settings, to start with.
        team = {"McpFunction": {"Properties": {"Environment": {"Variables": TEAM_ENVIRONMENT}}}}
        (folder / "template.team.yaml").write_text(json.dumps({"Resources": team if TEAM_ENVIRONMENT else {}}))
        for name in _SHARED:
            (folder / name).symlink_to(ROOT / name)

    def make(self, target: str, **variables: str) -> str:
        """What it printed; make's failure is the test's, with the output."""
        status, printed = self.try_make(target, **variables)
        assert status == 0, printed
        return printed

    def try_make(self, target: str, **variables: str) -> tuple[int, str]:
        """Its exit status, and what it printed: stdout, or both streams where it failed."""
        command = ["make", "-s", target, *(f"{name}={value}" for name, value in variables.items())]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, text=True, capture_output=True, check=False
        )
        return done.returncode, done.stdout + (done.stderr if done.returncode else "")

    @contextmanager
    def shell(self, **variables: str) -> Iterator[None]:
        """These variables are exported meanwhile."""
        before = self._environment
        self._environment = {**before, **variables}
        try:
            yield
        finally:
            self._environment = before

    def configure(self, stage: str, line: str) -> None:
        """Write a line to the stage's section of samconfig.toml, in place of one with the same key."""
        file, head = self.folder / "samconfig.toml", f"[{stage}.deploy.parameters]\n"
        before, _, rest = file.read_text().partition(head)
        section, bracket, after = rest.partition("\n[")
        kept = [each for each in section.splitlines() if not each.startswith(f"{line.partition('=')[0]}=")]
        file.write_text(before + head + "\n".join([line, *kept]) + bracket + after)

    def copy(self, name: str) -> None:
        """A file or folder more of this checkout."""
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, self.folder / name)
