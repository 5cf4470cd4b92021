"""A stack whose own tool takes 45 seconds, in the project's folder as an author adds one."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2

from infra.local.gateway import Limits
from tests.blocks import ROOT
from tests.e2e.stack import Stack, running

TOOL = "build_report"
SECONDS = 45
_FILE = ROOT / "tests/catalogues/long_work/build_report.py"
_PAUSES = "WRITE_SECONDS = 1, 21, 23"
_WAITING = 18
"""So many calls wait at the same time."""
_LIMITS = Limits(gateway=300, function=120, start=120, environments=24)
"""Lambda starts an environment for each call that waits. Here one machine starts them all."""


def make_project(folder: Path, *, is_quick: bool = False) -> Path:
    """The code of this checkout, and the tool in a file more; a quick one takes 3 seconds."""
    for name in ("app", "examples"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    code = _FILE.read_text()
    assert _PAUSES in code
    quick = code.replace(_PAUSES, "WRITE_SECONDS = 1, 1, 1")
    (folder / "app/tools" / _FILE.name).write_text(quick if is_quick else code)
    return folder


@contextmanager
def running_long_work(project: Path, state: Path) -> Iterator[Stack]:
    with running(state, project=project, limits=_LIMITS) as stack:
        _start_environments(stack)
        yield stack


def _start_environments(stack: Stack) -> None:
    """Before the clients come: some of them take a late answer for none."""

    def ask(_: int) -> int:
        return httpx2.get(f"{stack.base_url}/healthz", timeout=_LIMITS.start, trust_env=False).status_code

    with ThreadPoolExecutor(_WAITING) as pool:
        assert set(pool.map(ask, range(_WAITING))) == {200}
