"""The call as an author has it: a parameter that the server fills, and a plain object in a test."""

import asyncio
import math

import pytest
from pydantic import TypeAdapter

from app.authoring.call import Call, NoCall, get_call
from app.protocol.catalogue.catalogue import collect_tools
from app.protocol.catalogue.definition import CatalogueError
from tests.blocks import blocks
from tests.catalogues import calling
from tests.catalogues.calling.says import mixes
from tests.packages import Write
from tests.rig import ERAS, Rig


def test_outside_a_call_there_is_none() -> None:
    with pytest.raises(NoCall, match=r"pass a Call\(\) in your test"):
        get_call()


def test_after_a_call_there_is_none() -> None:
    Rig(tools=calling).call("far_below")

    with pytest.raises(NoCall):
        get_call()


def test_a_plain_call_in_an_authors_test_says_nothing_and_has_all_the_time() -> None:
    assert asyncio.run(mixes(Call())) == "mixed"
    assert Call().time_left() == math.inf


def test_a_call_that_keeps_what_it_is_told_is_a_few_lines() -> None:
    class Kept(Call):
        def __init__(self) -> None:
            self.said: list[object] = []

        async def progress(self, done: float, total: float | None = None, message: str | None = None) -> None:
            self.said.append((done, total, message))

    call = Kept()
    asyncio.run(mixes(call))

    assert call.said == [(1, 2, "half"), (2, 2, None)]


@pytest.mark.parametrize("version", ERAS)
def test_it_is_in_no_schema_and_no_client_can_set_it(version: str) -> None:
    rig = Rig(tools=calling)
    listed = rig.exchange("tools/list", version=version).json["result"]["tools"]
    asked = {"name": "asks_the_time", "arguments": {"call": {"x": 1}}}
    answer = rig.exchange("tools/call", asked, version=version)

    assert [tool["inputSchema"].get("properties", {}) for tool in listed if tool["name"] == "asks_the_time"] == [
        {}
    ]
    assert answer.json["result"]["isError"] is False


def test_as_an_argument_it_stops_the_start(write: Write) -> None:
    head = "from app.authoring.call import Call\nfrom app.authoring import tool\n"
    code = f"{head}@tool()\nasync def f(call: Call) -> str:\n    'D.'\n"

    with pytest.raises(CatalogueError, match="call: CurrentCall"):
        Rig(tools=write(f=code))
    with pytest.raises(TypeError, match="call: CurrentCall"):
        TypeAdapter(Call)
    assert collect_tools(calling)


@pytest.mark.parametrize("version", ERAS)
def test_the_tool_of_the_page_on_calls_works_as_written(version: str, write: Write) -> None:
    code = blocks("python", "docs/calls.md")[0]
    params = {"name": "import_people", "arguments": {"names": ["Ada", "Alan"]}, "_meta": {"progressToken": 1}}

    rig = Rig(tools=write(import_people=code))
    *said, reply = rig.exchange("tools/call", params, version=version).messages

    assert [each["params"]["message"] for each in said] == ["Ada", "Alan"]
    assert reply["result"]["structuredContent"] == {"result": 2}
    in_a_hurry = Rig(tools=write(import_people=code), tool_seconds=1.5)
    assert in_a_hurry.call("import_people", {"names": ["Ada"]}, version=version)["content"][0]["text"] == (
        "0 of 1 are imported. Go on with Ada."
    )
