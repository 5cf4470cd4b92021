"""Forms: what of a model a client can show, in the schema that MCP has for it, and what it cannot."""

import gc
import math
import re
from dataclasses import replace
from datetime import date, datetime
from enum import Enum, IntEnum
from importlib import import_module
from typing import Annotated, Any, Literal
from uuid import UUID
from weakref import ref

import pytest
from mcp.server.elicitation import render_elicitation_schema
from mcp_types import ElicitRequestFormParams
from pydantic import BaseModel, Field, RootModel, SecretStr, create_model

from app.authoring import Ask
from app.authoring.form import build_form
from tests.catalogues.asking.questions import Size
from tests.log import Log
from tests.packages import Write
from tests.rig import SETTINGS, Rig


class Level(IntEnum):
    LOW = 1


class Inner(BaseModel):
    text: str


class Empty(BaseModel):
    pass


def field(hint: Any, default: Any = ...) -> dict[str, Any]:
    model = create_model("Made", it=(hint, default))
    properties: dict[str, dict[str, Any]] = build_form(model)["properties"]
    return properties["it"]


@pytest.mark.parametrize(
    ("hint", "default", "schema"),
    [
        (str, ..., {"type": "string"}),
        (str, "x", {"type": "string", "default": "x"}),
        (
            Annotated[str, Field(min_length=1, max_length=9, pattern="x", title="A", description="B")],
            ...,
            {"type": "string", "title": "A", "description": "B", "minLength": 1, "maxLength": 9},
        ),
        (str | None, None, {"type": "string"}),
        (date, ..., {"type": "string", "format": "date"}),
        (datetime, ..., {"type": "string", "format": "date-time"}),
        (Annotated[int, Field(ge=1, lt=9)], 3, {"type": "integer", "minimum": 1, "default": 3}),
        (float | None, ..., {"type": "number"}),
        (bool, False, {"type": "boolean", "default": False}),
        (Literal["a", "b"], "a", {"type": "string", "enum": ["a", "b"], "default": "a"}),
        (Literal["a"], ..., {"type": "string", "enum": ["a"]}),
        (Size, Size.LARGE, {"type": "string", "enum": ["s", "l"], "default": "l"}),
        (Size | None, None, {"type": "string", "enum": ["s", "l"]}),
        (
            Annotated[list[Literal["a", "b"]], Field(min_length=1, max_length=2)],
            ...,
            {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string", "enum": ["a", "b"]}},
        ),
        (set[Literal["a"]], ..., {"type": "array", "items": {"type": "string", "enum": ["a"]}}),
        (
            Annotated[str, Field(json_schema_extra={"oneOf": [{"const": "#f00", "title": "Red"}]})],
            ...,
            {"type": "string", "oneOf": [{"const": "#f00", "title": "Red"}]},
        ),
        (
            list[
                Annotated[str, Field(json_schema_extra={"anyOf": [{"const": "x", "title": "X"}, {"const": "y"}]})]
            ],
            ...,
            {
                "type": "array",
                "items": {"type": "string", "anyOf": [{"const": "x", "title": "X"}, {"const": "y"}]},
            },
        ),
    ],
)
def test_a_field_is_shown_with_what_mcp_has_for_it(hint: Any, default: Any, schema: dict[str, Any]) -> None:
    shown = field(hint, default)

    assert shown == {"title": shown["title"], **schema}


@pytest.mark.parametrize(
    ("hint", "default", "schema"),
    [
        (float, math.inf, {"type": "number"}),
        (Annotated[float, Field(le=math.inf, ge=0)], math.nan, {"type": "number", "minimum": 0.0}),
        (Annotated[int, Field(le=3)], 4, {"type": "integer", "maximum": 3}),
        (str, 5, {"type": "string"}),
        (datetime, datetime(2026, 1, 1), {"type": "string", "format": "date-time"}),  # noqa: DTZ001 - no offset
        (Literal["a"], "b", {"type": "string", "enum": ["a"]}),
        (list[Literal["a"]], ["b"], {"type": "array", "items": {"type": "string", "enum": ["a"]}}),
    ],
)
def test_no_default_is_shown_that_the_form_would_refuse(hint: Any, default: Any, schema: dict[str, Any]) -> None:
    shown = field(hint, default)

    assert shown == {"title": shown["title"], **schema}


@pytest.mark.parametrize("pattern", ["(?P<a>x)", re.compile("x", re.IGNORECASE)])
def test_no_form_shows_a_pattern_that_javascript_could_not_read(pattern: Any) -> None:
    held = Annotated[str, Field(pattern=pattern, json_schema_extra={"enum": ["x"]})]

    assert field(list[held])["items"] == {"type": "string", "enum": ["x"]}
    assert "pattern" not in field(held)


def test_a_list_of_an_enum_shows_its_choices() -> None:
    assert field(list[Size])["items"]["enum"] == ["s", "l"]


FIX = "has a type that no client can show; use str, int, float, bool, date, datetime, a Literal or Enum of texts"


@pytest.mark.parametrize(
    ("hint", "problem"),
    [
        (Inner, FIX),
        (dict[str, str], FIX),
        (int | str, FIX),
        (UUID, FIX),
        (Level, FIX),
        (Literal[1, 2], FIX),
        (Any, FIX),
        (list[Level], FIX),
        (list[Inner], "is a list without choices; use str"),
        (list[str], "is a list without choices; use str"),
        (list, "is a list without choices; use str"),
        (tuple[int, int], "is a list without choices; use str"),
        (SecretStr, "is a secret, which no client may see: send the user to a page of yours with ask.visit"),
    ],
)
def test_a_field_that_no_client_can_show_is_refused_by_name_with_the_fix(hint: Any, problem: str) -> None:
    with pytest.raises(TypeError) as raised:
        field(hint)

    assert str(raised.value).startswith(f"tests.test_forms.Made: the field it {problem}")


@pytest.mark.parametrize("model", [str, RootModel[str], dict, Size])
def test_what_is_no_form_is_refused(model: Any) -> None:
    with pytest.raises(TypeError, match="cannot be a form: ask for a pydantic model with fields"):
        build_form(model)


def test_a_form_without_fields_is_a_button() -> None:
    assert build_form(Empty) == {"type": "object", "properties": {}, "required": []}


def test_the_sdk_finds_nothing_wrong_with_a_form() -> None:
    class Everything(BaseModel):
        text: str = Field(default="", max_length=3)
        number: int | None = None
        day: date
        choice: Literal["a", "b"]
        several: list[Literal["a", "b"]] = []

    form = build_form(Everything)

    assert form["properties"].keys() == render_elicitation_schema(Everything)["properties"].keys()
    assert ElicitRequestFormParams(message="?", requested_schema=form).requested_schema == form


def test_a_wrong_model_stops_the_call_and_the_log_names_file_field_and_fix(write: Write, log: Log) -> None:
    package = write(
        address="""
from pydantic import BaseModel
from app.authoring import CurrentAsk
from app.authoring import tool

class Street(BaseModel):
    name: str

class Address(BaseModel):
    street: Street

@tool()
async def move(ask: CurrentAsk) -> str:
    \"\"\"Ask for too much.\"\"\"
    return (await ask("Where to?", Address)).street.name
"""
    )

    result = Rig(tools=package).call("move")

    assert result["content"][0]["text"].startswith("The tool failed unexpectedly.")
    assert f"{package.__name__}.address.Address: the field street {FIX}" in log("tool raised")[0]["exception"]


def test_a_wrong_model_stops_the_authors_own_test() -> None:
    class Outer(BaseModel):
        inner: Inner

    with pytest.raises(TypeError, match="the field inner has a type that no client can show"):
        Ask(Outer(inner=Inner(text="x")))("?", Outer)


class Colour(Enum):
    RED = "red"


def test_an_enum_says_what_it_is_for_unless_the_field_does() -> None:
    assert field(Annotated[Colour, Field(title="Paint")])["title"] == "Paint"


def test_a_form_is_made_once_and_kept_as_long_as_its_model() -> None:
    model = create_model("Made", it=(bool, ...))
    kept = ref(model)

    assert build_form(model) is build_form(model)
    del model
    gc.collect()
    assert kept() is None


def test_a_tool_that_makes_a_form_for_each_call_leaves_nothing_behind(write: Write) -> None:
    tools = write(chooses=CHOOSES)
    rig = Rig(replace(SETTINGS, request_state_keys=(b"k" * 32,)), tools=tools)

    for number in range(20):
        asked = rig.call("chooses", {"number": number})
        (key,) = asked["inputRequests"]
        answer = {key: {"action": "accept", "content": {"it": f"b{number}"}}}
        again = {"requestState": asked["requestState"], "inputResponses": answer}
        sent = {"name": "chooses", "arguments": {"number": number}, **again}
        result = rig.exchange("tools/call", sent).json["result"]
        assert result["structuredContent"] == {"result": f"b{number}"}

    gc.collect()
    made = import_module(f"{tools.__name__}.chooses").made
    assert (len(made), [each() for each in made if each()]) == (40, [])


CHOOSES = """
from typing import Literal
from weakref import ref
from pydantic import create_model
from app.authoring import CurrentAsk
from app.authoring import tool

made = []

@tool()
async def chooses(ask: CurrentAsk, number: int) -> str:
    \"\"\"Let the user choose from what there is now.\"\"\"
    model = create_model("Choice", it=(Literal[f"a{number}", f"b{number}"], ...))
    made.append(ref(model))
    return (await ask("Which?", model)).it
"""
