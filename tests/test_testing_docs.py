"""docs/testing.md: each of its tests passes against its tool, and the table names what a caller has."""

import inspect
import re
import sys
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from app.application import create_app
from app.authoring.testing import BlockingCaller, CallAs, Caller, as_api_key, as_machine, as_user, provide
from infra.local.testing.server import LocalServer
from tests.blocks import ROOT, blocks, script
from tests.packages import Write
from tests.team import FIXTURES

PAGE = ROOT.joinpath("docs/testing.md").read_text()
TESTS = re.findall(r"^# (tests/mine/.*\.py)$", PAGE, flags=re.MULTILINE)
TOOLS = re.findall(r"^# (app/tools/.*\.py)$", PAGE, flags=re.MULTILINE)


@pytest.fixture
def served(write: Write, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server with the page's tools, under the names that the page's tests import."""
    files = {Path(file).stem: script(file, "docs/testing.md") for file in TOOLS}
    tools = write(**files)
    for name in files:
        monkeypatch.setitem(sys.modules, f"app.tools.{name}", import_module(f"{tools.__name__}.{name}"))
    before = provide(LocalServer(FIXTURES / "seed.toml", partial(create_app, tools=tools)).connect)
    yield
    provide(before)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("file", TESTS)
def test_the_tests_of_the_page_pass(file: str, call_as: CallAs) -> None:
    words: dict[str, Any] = {}
    exec(script(file, "docs/testing.md"), words)  # noqa: S102 - the page is ours

    tests = [each for name, each in words.items() if name.startswith("test_")]
    assert tests
    for test in tests:
        test(**({"call_as": call_as} if inspect.signature(test).parameters else {}))


def test_every_block_is_run() -> None:
    assert {block.partition("\n")[0] for block in blocks("python", "docs/testing.md")} == {
        f"# {file}" for file in (*TOOLS, *TESTS)
    }


def test_the_tables_name_what_there_is() -> None:
    of_user = set(re.findall(r"^\| `(\w+)` \| ", PAGE, flags=re.MULTILINE)) - {"questions", "session"}
    assert of_user == set(inspect.signature(as_user).parameters) - {"name"}
    of_machine = set(inspect.signature(as_machine).parameters) - {"name"}
    assert all(f"`{name}`" in PAGE.partition("`as_machine()`")[2].partition("\n\n")[0] for name in of_machine)
    of_key = set(inspect.signature(as_api_key).parameters) - {"name"}
    assert all(f"`{name}`" in PAGE.partition("`as_api_key()`")[2].partition("\n\n")[0] for name in of_key)
    of_caller = {name for name in vars(BlockingCaller) if not name.startswith("_")} | {"questions", "session"}
    rows = PAGE.partition("| of a caller | gives |\n|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert {name for row in rows for name in re.findall(r"`(\w+)[(`]", row.split(" | ")[0])} == of_caller


def test_a_caller_of_an_async_test_has_the_same_as_one_of_another() -> None:
    def describe(kind: type) -> dict[str, list[str]]:
        methods = {name: each for name, each in vars(kind).items() if not name.startswith("_")}
        return {name: list(inspect.signature(each).parameters) for name, each in methods.items()}

    assert describe(BlockingCaller) == describe(Caller)
