"""docs/testing.md: each of its tests passes against its tool, and the table names what a caller has."""

import inspect
import re
from collections.abc import Iterator

import pytest

from app.authoring.testing import BlockingCaller, CallAs, Caller, as_api_key, as_machine, as_user
from tests.blocks import blocks
from tests.documented_tools import Page
from tests.packages import Write

DOCUMENT = Page("docs/testing.md")
PAGE = DOCUMENT.text


@pytest.fixture
def served(write: Write, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with DOCUMENT.serve(write, monkeypatch):
        yield


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("file", DOCUMENT.tests)
def test_the_tests_of_the_page_pass(file: str, call_as: CallAs) -> None:
    DOCUMENT.run_tests(file, call_as)


def test_every_block_is_run() -> None:
    assert {block.partition("\n")[0] for block in blocks("python", DOCUMENT.name)} == {
        f"# {file}" for file in (*DOCUMENT.tools, *DOCUMENT.tests)
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
