"""docs/dependencies.md: its tool works as written, and its tables say what is so."""

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.protocol.serving.dependencies import FAILED
from tests.blocks import ROOT, script
from tests.packages import Write
from tests.rig import ERAS, Rig

NAME = "docs/dependencies.md"
PAGE = ROOT.joinpath(NAME).read_text()
CODE = script("app/tools/rename_project.py", NAME)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of this process, during the test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def database(temporary: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(temporary / "projects.db")
    connection.execute("CREATE TABLE projects (name TEXT CHECK (length(name) < 20), organization_id TEXT)")
    connection.execute("INSERT INTO projects VALUES ('Apollo', 'org_01ACME'), ('Gemini', 'org_01OTHER')")
    connection.commit()
    yield connection
    connection.close()


@pytest.fixture
def package(write: Write) -> ModuleType:
    return write(rename_project=CODE)


def names(database: sqlite3.Connection) -> list[str]:
    return [name for (name,) in database.execute("SELECT name FROM projects ORDER BY name")]


@pytest.mark.parametrize("version", ERAS)
def test_the_tool_commits_what_goes_well_and_nothing_else(
    version: str, package: ModuleType, database: sqlite3.Connection
) -> None:
    rig = Rig(tools=package)

    def say(name: str, new_name: str) -> str:
        result = rig.call("rename_project", {"name": name, "new_name": new_name}, version=version)
        text: str = result["content"][0]["text"]
        return text

    assert say("Apollo", "Artemis") == "Apollo is Artemis now."
    assert say("Gemini", "Mine") == "There is no project Gemini."
    assert say("Artemis", "x" * 30) == "The tool failed unexpectedly. The cause is in the server's log."
    assert names(database) == ["Artemis", "Gemini"]


def test_the_first_call_meets_a_database_without_projects_in_the_temporary_folder(
    package: ModuleType, temporary: Path
) -> None:
    result = Rig(tools=package).call("rename_project", {"name": "Apollo", "new_name": "Artemis"})

    assert result["content"][0]["text"] == "There is no project Apollo."
    assert [file.name for file in temporary.glob("*.db")] == ["projects.db"]


def test_no_schema_shows_what_is_passed_in(package: ModuleType) -> None:
    (listed,) = Rig(tools=package).exchange("tools/list").json["result"]["tools"]

    assert list(listed["inputSchema"]["properties"]) == ["name", "new_name"]


def test_in_a_test_the_tool_is_called_with_a_double(write: Write) -> None:
    class Double:
        def rename(self, name: str, new_name: str) -> bool:
            return name == "Apollo"

    tool: Any = write(rename_project=CODE)
    Rig(tools=tool)

    assert tool.rename_project.rename_project("Apollo", "Artemis", Double()) == "Apollo is Artemis now."


USED = """
import functools, threading
from collections.abc import AsyncIterator, Iterator
from typing import Annotated
from fastapi import Depends
from app.authoring import tool

def where() -> str:
    return "in" if threading.current_thread().name == "call thread" else "on"
async def find_rows() -> str:
    return where()
def read_rows(limit: int = 3) -> str:
    return where()
async def open_client() -> AsyncIterator[str]:
    yield where()
def open_database() -> Iterator[str]:
    yield where()
class Projects:
    def __init__(self) -> None:
        self.place = where()
class Permission:
    def __init__(self, name: str) -> None: ...
    async def __call__(self) -> str:
        return where()
partial = functools.partial

@tool()
async def one(value: {hint}) -> str:
    "O."
    return getattr(value, "place", value)
"""
ROWS = re.findall(r"^\| .+? \| (`.*(?:Depends|Annotated)\[?.+`.*?) \| (.+) \|$", PAGE, re.MULTILINE)


def test_the_page_has_a_row_for_each_kind() -> None:
    assert len(ROWS) == 7


@pytest.mark.parametrize(("written", "runs"), ROWS)
def test_each_kind_runs_where_the_page_says(written: str, runs: str, write: Write) -> None:
    for each in re.findall(r"`(.+?)`", written):
        hint = each if each.startswith("Annotated") else f"Annotated[object, {each}]"
        place = Rig(tools=write(one=USED.replace("{hint}", hint))).call("one")["content"][0]["text"]

        # A partial runs as the function below it, and an object as its own, which waits for nothing here.
        expected = {"as the function below it": "in", "as its function": "on"}.get(runs)
        assert place == (expected or ("on" if "event loop" in runs else "in"))


def test_the_page_names_what_the_log_says() -> None:
    assert f"`{FAILED}`" in PAGE
