"""What `make list` shows of tools, prompts and resources."""

import asyncio
import json
from typing import Any, cast

import pytest
from mcp import Client
from mcp_types import ListToolsResult, Prompt, PromptArgument, Resource, Tool, ToolAnnotations

from infra.terminal.list import write_json
from infra.terminal.listing import render_offers
from infra.terminal.offers import Offers, fetch_tools
from infra.terminal.schema_words import describe_type
from tests.infra.terminal.screens import make_screen

URL = "http://127.0.0.1:8000/mcp"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["start"],
    "properties": {
        "start": {"type": "string", "format": "date", "description": "First day, not counted, as YYYY-MM-DD"},
        "days": {"type": "integer", "default": 5, "minimum": 1, "maximum": 1000, "description": "How many"},
        "note": {"type": "string", "maxLength": 600},
    },
}
OFFERS = Offers(
    "Demo",
    "1.0",
    "2026-07-28",
    tools=[
        Tool(
            name="add_working_days",
            title="Add working days",
            description="Find a date.\n\nMore for the model.",
            input_schema=SCHEMA,
            annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
        ),
        Tool(
            name="purge",
            input_schema={"type": "object"},
            annotations=ToolAnnotations(destructive_hint=True, idempotent_hint=True),
        ),
    ],
    prompts=[Prompt(name="introduce_me", arguments=[PromptArgument(name="task")])],
    resources=[Resource(uri="server://about", name="about", mime_type="text/markdown")],
)
LISTING = """\
Demo 1.0
http://127.0.0.1:8000/mcp, protocol 2026-07-28

Tools (2)
  add_working_days  Add working days  [read-only]
    Find a date.
      start: date - First day, not counted, as YYYY-MM-DD
      days: integer = 5 - How many (1 to 1000)
      note: string, optional - (at most 600 characters)
  purge  [destructive, idempotent]

Prompts (1)
  introduce_me
      task: string, optional

Resources (1)
  server://about  about  [text/markdown]"""


def test_the_listing_has_names_titles_hints_and_parameters() -> None:
    assert render_offers(OFFERS, URL, make_screen().screen) == LISTING


def test_colour_changes_no_text() -> None:
    coloured = render_offers(OFFERS, URL, make_screen(has_colour=True).screen)

    assert "\x1b[1madd_working_days\x1b[0m" in coloured
    assert coloured.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "") == LISTING


def test_long_and_hostile_texts_stay_within_80_columns() -> None:
    tool = Tool(name="loud", description="\x1b[2J" + "word " * 200, input_schema={"type": "object"})

    lines = render_offers(Offers("x", "1", "2026-07-28", tools=[tool]), URL, make_screen().screen).splitlines()

    assert max(map(len, lines)) <= 80
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize(
    "schema",
    [{"properties": []}, {"properties": {"a": {}}, "required": 5}, {"properties": {"a": 5}}],
    ids=["properties", "required", "property"],
)
def test_a_tool_whose_schema_is_wrong_does_not_hide_the_others(schema: dict[str, Any]) -> None:
    offers = Offers("x", "1", "2026-07-28", tools=[Tool(name="wrong", input_schema=schema), OFFERS.tools[1]])

    lines = render_offers(offers, URL, make_screen().screen).splitlines()

    assert "  wrong" in lines
    assert "  purge  [destructive, idempotent]" in lines


def test_a_caller_who_may_use_no_tool_is_told_so() -> None:
    assert "No tools: this caller" in render_offers(Offers("x", "1", "2026-07-28"), URL, make_screen().screen)


class Pages:
    """A client of a server whose pages lead to these cursors, one after the other."""

    def __init__(self, *cursors: str | None) -> None:
        self.cursors = list(cursors)

    async def list_tools(self, *, cursor: str | None = None) -> ListToolsResult:
        tool = Tool(name=f"after {cursor}", input_schema={"type": "object"})
        return ListToolsResult(tools=[tool], next_cursor=self.cursors.pop(0))


@pytest.mark.parametrize(
    ("cursors", "read"),
    [(["a", "b", None], 3), (["a", ""], 2), (["a", "b", "a", "b"], 3)],
    ids=["end", "empty", "circle"],
)
def test_a_list_is_read_to_its_end_and_not_in_a_circle(cursors: list[str | None], read: int) -> None:
    tools = asyncio.run(fetch_tools(cast("Client", Pages(*cursors))))

    assert len({tool.name for tool in tools}) == len(tools) == read


def test_the_raw_lists_have_the_names_of_the_protocol() -> None:
    raw = OFFERS.as_json()

    assert raw["protocolVersion"] == "2026-07-28"
    assert raw["tools"][0]["inputSchema"] == SCHEMA
    assert raw["tools"][1]["annotations"] == {"destructiveHint": True, "idempotentHint": True}
    assert raw["resourceTemplates"] == []


def test_the_raw_lists_cannot_steer_the_terminal() -> None:
    offers = Offers("\x9b2J\u202e", "1", "2026-07-28")

    assert write_json(offers).replace("\n", "").isprintable()
    assert json.loads(write_json(offers)) == offers.as_json()


ROOT = {
    "$defs": {"Point": {"type": "object"}, "Colour": {"enum": ["red", "blue"]}, "Loop": {"$ref": "#/$defs/Loop"}}
}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string", "format": "date"}, "date"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"type": ["integer", "null"]}, "integer or null"),
        ({"type": "array", "items": {"$ref": "#/$defs/Point"}}, "list of Point"),
        ({"type": "array"}, "list"),
        ({"$ref": "#/$defs/Colour"}, '"red" or "blue"'),
        ({"$ref": "#/$defs/Loop"}, "Loop"),
        ({"const": 3}, "3"),
        ({"enum": list(range(20))}, "0 or 1 or 2 or 3 or 4 or 5 or 6 or 7 or ..."),
        ({}, "any value"),
        ({"anyOf": [True, {"type": "null"}]}, "any value or null"),
        ({"anyOf": 5, "enum": 5, "type": ["string", None]}, "string or None"),
    ],
    ids=[
        "format",
        "null",
        "types",
        "reference",
        "list",
        "choices",
        "loop",
        "const",
        "many",
        "any",
        "true",
        "wrong",
    ],
)
def test_a_type_is_named_in_words(schema: dict[str, Any], words: str) -> None:
    assert describe_type(schema, ROOT) == words
