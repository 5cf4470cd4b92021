"""The page of show_reports: who sees it, and that it needs nothing from outside."""

import re
from collections.abc import Iterator

import pytest

from examples import resources as example_resources
from tests.access.world import World, running
from tests.rig import ERAS, EXAMPLES

pytestmark = pytest.mark.matrix("version")

URI = "ui://reports/board"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, running(patch, EXAMPLES, example_resources) as world:
        yield world


def page(world: World, caller: str = "ada", version: str = "2026-07-28") -> str:
    answer = world.exchange("resources/read", caller, params={"uri": URI}, version=version)
    (contents,) = answer.json["result"]["contents"]
    assert contents["mimeType"] == "text/html;profile=mcp-app"
    assert contents["_meta"] == {"ui": {"prefersBorder": True}}
    html: str = contents["text"]
    return html


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("caller", ["ada", "grace", "katherine"])
def test_who_may_read_reports_gets_the_page(caller: str, version: str, world: World) -> None:
    assert page(world, caller, version).startswith("<!doctype html>")


@pytest.mark.parametrize("caller", ["alan", "machine"])
def test_for_anybody_else_there_is_no_such_page(caller: str, world: World) -> None:
    listed = world.exchange("resources/list", caller).json["result"]["resources"]
    read = world.exchange("resources/read", caller, params={"uri": URI})
    unknown = world.exchange("resources/read", caller, params={"uri": "ui://reports/none"})

    assert URI not in [resource["uri"] for resource in listed]
    assert read.status == unknown.status == 400
    assert read.json["error"]["message"] == unknown.json["error"]["message"]


def test_the_page_loads_nothing_and_reads_no_text_as_html(world: World) -> None:
    html = page(world)

    assert re.findall(r"https?://|\bsrc=|\bhref=|@import|url\(|innerHTML|insertAdjacentHTML|eval\(", html) == []


def test_the_page_calls_a_tool_that_its_reader_may_call(world: World) -> None:
    (called,) = re.findall(r'name: "(\w+)", arguments', page(world))

    assert called in world.listed()


@pytest.mark.parametrize("version", ERAS)
def test_a_client_without_pages_gets_the_same_as_text(version: str, world: World) -> None:
    result = world.call("show_reports", version=version)

    assert [report["id"] for report in result["structuredContent"]["reports"]] == ["report-q1", "report-q2"]
    assert result["content"] == [
        {
            "type": "text",
            "text": "First quarter (report-q1), 6 words\nSecond quarter (report-q2), 8 words",
        }
    ]
