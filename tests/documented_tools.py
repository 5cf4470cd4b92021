"""The tools and tests of a page of the documentation: both work as they are written there."""

import inspect
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from app.application import create_app
from app.authoring.testing import CallAs, provide
from infra.local.testing.server import LocalServer
from tests.blocks import ROOT, script
from tests.packages import Write
from tests.team import FIXTURES


@dataclass(frozen=True)
class Page:
    name: str
    """Its file, from the repository's root."""

    @property
    def text(self) -> str:
        return ROOT.joinpath(self.name).read_text()

    @property
    def tools(self) -> list[str]:
        return self._find_files("app/tools")

    @property
    def tests(self) -> list[str]:
        return self._find_files("tests/mine")

    def _find_files(self, folder: str) -> list[str]:
        return re.findall(rf"^# ({folder}/.*\.py)$", self.text, flags=re.MULTILINE)

    @contextmanager
    def serve(self, write: Write, patch: pytest.MonkeyPatch) -> Iterator[None]:
        """Serve the page's tools, under the names that the page's tests import."""
        files = {Path(file).stem: script(file, self.name) for file in self.tools}
        tools = write(**files)
        for name in files:
            patch.setitem(sys.modules, f"app.tools.{name}", import_module(f"{tools.__name__}.{name}"))
        before = provide(LocalServer(FIXTURES / "seed.toml", partial(create_app, tools=tools)).connect)
        yield
        provide(before)

    def run_tests(self, file: str, call_as: CallAs) -> None:
        words: dict[str, Any] = {}
        exec(script(file, self.name), words)  # noqa: S102 - the page is ours

        tests = [each for name, each in words.items() if name.startswith("test_")]
        assert tests
        for test in tests:
            test(**({"call_as": call_as} if inspect.signature(test).parameters else {}))
