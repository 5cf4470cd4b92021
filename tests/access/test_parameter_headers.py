"""`Mcp-Param-*` headers are checked for those who may call: to others they tell nothing of a hidden tool."""

import pytest

from tests.packages import Write
from tests.rig import Rig

TOOL = """
from typing import Annotated
from pydantic import Field
from app.authoring import role
from app.authoring import tool

@tool(requires=role("admin"))
async def move(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> str:
    'Move it.'
    return region
"""


def call(rig: Rig, tool: str, header: dict[str, str], **claims: str) -> tuple[int, str]:
    params = {"name": tool, "arguments": {"region": "north"}}
    answer = rig.exchange("tools/call", params, token=rig.issuer.token(None, **claims), headers=header)
    return answer.status, answer.text


@pytest.mark.parametrize("header", [{}, {"mcp-param-region": "south"}, {"mcp-param-region": "north"}])
def test_a_hidden_tool_answers_as_an_unknown_one_whatever_the_headers(
    header: dict[str, str], write: Write
) -> None:
    rig = Rig(tools=write(move=TOOL))

    assert call(rig, "move", header, role="member") == call(rig, "nothing", header, role="member")


def test_who_may_call_has_to_say_the_same_in_both_places(write: Write) -> None:
    rig = Rig(tools=write(move=TOOL))

    status, text = call(rig, "move", {"mcp-param-region": "south"}, role="admin")
    assert (status, "-32020" in text) == (400, True)
    assert call(rig, "move", {}, role="admin")[0] == 400
    assert call(rig, "move", {"mcp-param-region": "north"}, role="admin")[0] == 200


def test_the_2025_era_has_no_such_headers(write: Write) -> None:
    rig = Rig(tools=write(move=TOOL))
    params = {"name": "move", "arguments": {"region": "north"}}

    answer = rig.exchange("tools/call", params, token=rig.issuer.token(role="admin"), version="2025-11-25")
    assert answer.json["result"]["isError"] is False
