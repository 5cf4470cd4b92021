"""Arguments by the names that their author gave, and text that stays text even if it reads like JSON."""

from collections.abc import Iterable
from typing import Any

import pytest
from pydantic import BaseModel

from app.protocol.catalogue.definition import CatalogueError
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, Rig

HEAD = """
import enum
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, NewType, Optional, TypeVar
from fastapi import Depends
from mcp.server.mcpserver import Context
from pydantic import AliasChoices, AliasPath, BaseModel, Field, Json, RootModel, WithJsonSchema
from typing_extensions import TypeAliasType
from app.authoring import tool

"""
TYPES = """
Text = TypeAliasType("Text", str | None)
Name = NewType("Name", str)
Tree = TypeAliasType("Tree", "list[Tree] | str")
Some = TypeVar("Some", str, int)
class Root(RootModel[str | None]): ...
class Numbers(RootModel[list[int]]): ...
class Kind(str, enum.Enum):
    A = "[1]"
class Node(BaseModel):
    node: "Node | None" = None
class Cat(BaseModel):
    kind: Literal["cat"]
class Dog(BaseModel):
    kind: Literal["dog"]
"""


def served(write: Write, parameters: str, returned: str, head: str = "") -> Rig:
    return served_all(write, [(parameters, returned)], head)


def served_all(write: Write, tools: Iterable[tuple[str, str]], head: str = "") -> Rig:
    """One file of tools, called t0, t1 and so on, of these parameters, that return the other."""
    code = [
        f'@tool()\nasync def t{place}({parameters}) -> str:\n    """T."""\n    return repr({returned})\n'
        for place, (parameters, returned) in enumerate(tools)
    ]
    return Rig(tools=write(one="\n\n".join([HEAD + head, *code])))


def said(rig: Rig, arguments: dict[str, Any], tool: int = 0, **options: Any) -> str:
    text: str = rig.call(f"t{tool}", arguments, **options)["content"][0]["text"]
    return text


TEXTS = [
    ("str | None", '{"a": 1}'),
    ("str | None", "null"),
    ("str | None", "[1]"),
    ("str | int", '{"a": 1}'),
    ("Any", "[1]"),
    ("object", "null"),
    ("str | dict[str, Any]", '{"a": 1}'),
    ("list[str] | str | None", '["a"]'),
    ("Annotated[str | None, Field(max_length=9)]", "null"),
    ("Annotated[Optional[Annotated[str, Field(min_length=1)]], Field(description='x')]", "null"),
    ("Text", "null"),
    ("Name | None", "[1]"),
    ("Some", "null"),
    ('Literal["null"] | None', "null"),
    ('Literal["[1]", 2]', "[1]"),
    ("Kind", "[1]"),
    ("Kind | None", "[1]"),
    ("Root", "null"),
    ("bytes", "[1]"),
    ("bytes | None", "null"),
    ("Json[list[int]] | str", "[1"),
    ("Tree", "[]"),
    ("Node | Kind", "[1]"),
    ("Annotated[Any, WithJsonSchema({'anyOf': [True]})]", "null"),
]


@pytest.mark.parametrize("version", ERAS)
def test_what_may_be_text_stays_text(version: str, write: Write) -> None:
    rig = served_all(write, [(f"a: {hint}", "a") for hint, _ in TEXTS], TYPES)

    for place, (hint, text) in enumerate(TEXTS):
        answer = said(rig, {"a": text}, place, version=version)
        assert repr(text) in answer, (hint, text, answer)


def test_a_text_that_does_not_fit_is_refused_as_the_text_that_it_is(write: Write) -> None:
    rig = served(write, "a: Annotated[str, Field(min_length=5)] | None = None", "a")

    assert "a: should have at least 5 characters" in said(rig, {"a": "null"})


JSON = [
    ("list[int]", "[1]", "[1]"),
    ("list[int] | None", "null", "None"),
    ("dict[str, int] | None", '{"a": 1}', "{'a': 1}"),
    ("Numbers", "[1]", "Numbers(root=[1])"),
    ("Node", '{"node": {}}', "Node(node=Node(node=None))"),
    ("Node | None", "null", "None"),
    ("Annotated[Cat | Dog, Field(discriminator='kind')]", '{"kind": "dog"}', "Dog(kind='dog')"),
    ("Sequence[str]", '["a"]', "['a']"),
    ("tuple[int, str]", '[1, "a"]', "(1, 'a')"),
    ("int | None", "null", "None"),
    ("bool", "true", "True"),
    ("datetime | None", "null", "None"),
    ("Decimal | None", "null", "None"),
    ("Kind | None", "null", "None"),
    ("Json[list[int]]", "[1]", "[1]"),
    ("Json[Any]", "null", "None"),
    ("Literal[1] | None", "null", "None"),
    ("Node | Kind", '{"node": null}', "Node(node=None)"),
]


def test_what_cannot_be_text_may_come_as_json_in_a_string(write: Write) -> None:
    rig = served_all(write, [(f"a: {hint}", "a") for hint, *_ in JSON], TYPES)

    for place, (hint, text, value) in enumerate(JSON):
        assert said(rig, {"a": text}, place) == value, hint


@pytest.mark.parametrize("text", ["[1", "[" * 100_000, '"a"', "x"])
def test_a_text_that_is_no_json_of_a_list_is_refused_as_no_list(text: str, write: Write) -> None:
    assert "a: should be a list" in said(served(write, "a: list[int]", "a"), {"a": text})


def test_texts_stay_texts_in_models_inside(write: Write) -> None:
    rig = served(write, "a: list[M]", "a", "class M(BaseModel):\n    x: str | None = None\n")

    assert said(rig, {"a": [{"x": "null"}]}) == "[M(x='null')]"


ALIASED = [
    'start: Annotated[str, Field(alias="startTime")]',
    'start: Annotated[str, Field(validation_alias="startTime")]',
    'start: Annotated[str, Field(alias="start-time", validation_alias="startTime", serialization_alias="s")]',
    'start: str = Field(alias="startTime")',
    'start: Annotated[str, Field(alias="other")] = Field(alias="startTime")',
    'copy: Annotated[str, Field(alias="startTime")]',
    'model_config: str = Field(alias="startTime")',
]


@pytest.mark.parametrize("parameter", ALIASED)
def test_a_parameter_is_given_by_its_alias_alone(parameter: str, write: Write) -> None:
    rig = served(write, f"{parameter}, other: int = 1", f"({parameter.partition(':')[0]}, other)")
    (tool,) = rig.exchange("tools/list").json["result"]["tools"]

    assert (set(tool["inputSchema"]["properties"]), tool["inputSchema"]["required"]) == (
        {"startTime", "other"},
        ["startTime"],
    )
    assert said(rig, {"startTime": "x", "other": 2}) == "('x', 2)"
    assert "startTime: is required" in said(rig, {"start": "x"})


def test_a_default_holds_where_an_alias_is_absent(write: Write) -> None:
    rig = served(
        write,
        'a: int = Field(5, alias="A"), b: Annotated[int, Field(alias="B")] = 6, '
        'c: Annotated[int, Field(alias="from")] = 7',
        "(a, b, c)",
    )

    assert said(rig, {}) == "(5, 6, 7)"
    assert said(rig, {"A": 1, "B": 2, "from": 3}) == "(1, 2, 3)"
    assert "B: should be a whole number" in said(rig, {"B": "x"})


def test_json_in_a_string_is_read_under_an_alias(write: Write) -> None:
    assert said(served(write, 'a: Annotated[list[int], Field(alias="A")]', "a"), {"A": "[1]"}) == "[1]"


@pytest.mark.parametrize("named", ["start", "startTime"])
def test_the_record_shows_an_aliased_argument_that_its_author_named_either_way(
    named: str, write: Write, log: Log
) -> None:
    parameter = 'start: Annotated[str, Field(alias="startTime")]'
    code = f'{HEAD}@tool(audit="{named}")\nasync def t0({parameter}) -> str:\n    """O."""\n    return start\n'

    Rig(tools=write(one=code)).call("t0", {"startTime": "now"})

    (record,) = log("exchange")
    assert record["arguments"] == {"startTime": "now"}


def test_a_check_takes_arguments_by_the_names_of_the_parameters(write: Write) -> None:
    code = (
        "from app.authoring import check\n"
        + HEAD
        + "async def is_mine(copy: str, start: str) -> bool:\n    return copy == start\n\n\n"
        '@tool(requires=check(is_mine, needs="to be yours"))\n'
        'async def t0(start: Annotated[str, Field(alias="startTime")], copy: str) -> str:\n'
        '    """O."""\n    return start\n'
    )
    rig = Rig(tools=write(one=code))

    assert said(rig, {"startTime": "a", "copy": "a"}) == "a"
    assert rig.call("t0", {"startTime": "a", "copy": "b"})["isError"]


def test_a_header_repeats_an_argument_by_its_alias(write: Write) -> None:
    hint = 'Annotated[str, Field(alias="startTime", json_schema_extra={"x-mcp-header": "Start"})]'
    rig = served(write, f"start: {hint}", "start")
    call = {"name": "t0", "arguments": {"startTime": "a"}}

    assert rig.exchange("tools/call", call).json["error"]["code"] == -32020
    assert rig.exchange("tools/call", call, headers={"mcp-param-start": "a"}).status == 200


def test_the_sdks_context_and_injected_parameters_stand_beside_any_name(write: Write) -> None:
    rig = served(
        write,
        "copy: str, ctx: Context, json: int, x: Annotated[int, Depends(lambda: 3)], _y: str = 'y'",
        "(copy, json, x, _y, ctx.request_id)",
    )

    assert said(rig, {"copy": "a", "json": 2, "_y": "b"}) == "('a', 2, 3, 'b', '1')"


def test_the_sdks_resolvers_take_arguments_by_the_names_of_the_parameters(write: Write) -> None:
    head = (
        "from mcp.server.mcpserver.resolve import Resolve\n"
        "async def both(start: str, copy: str) -> str:\n    return start + copy\n"
    )
    parameters = 'start: Annotated[str, Field(alias="startTime")], copy: str, json: Annotated[str, Resolve(both)]'

    assert said(served(write, parameters, "json", head), {"startTime": "a", "copy": "b"}) == "'ab'"


RESERVED = sorted(
    {*dir(BaseModel), "self", "cls", "_private", "__own", "model_x", "args", "kwargs", "name", "arguments"}
)


@pytest.mark.broad
def test_no_name_of_a_parameter_is_pydantics(write: Write) -> None:
    parameters = "{0}: str, field_{0}: int, argument_{0}: int = 3"
    rig = served_all(
        write, [(parameters.format(each), f"({each}, field_{each}, argument_{each})") for each in RESERVED]
    )

    for place, name in enumerate(RESERVED):
        assert said(rig, {name: "x", f"field_{name}": 2}, place) == "('x', 2, 3)", name


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        (
            'a: Annotated[str, Field(validation_alias=AliasChoices("b", "c"))]',
            "parameter a of tool t0 has several aliases",
        ),
        (
            'a: str = Field(validation_alias=AliasPath("b", 0))',
            r'parameter a of tool t0 has several .* write Field\(alias="',
        ),
        (
            'a: Annotated[str, Field(alias="b")], b: str',
            "the parameters a and b of tool t0 have one name for callers",
        ),
        (
            "a: list[M]",
            "parameter a of tool t0 has a field of M that is found by an AliasPath, which no schema can show",
        ),
    ],
)
def test_a_name_that_no_caller_could_use_stops_the_start(parameters: str, problem: str, write: Write) -> None:
    with pytest.raises(CatalogueError, match=rf"one\.py: {problem}"):
        served(
            write, parameters, "a", 'class M(BaseModel):\n    x: str = Field(validation_alias=AliasPath("y", 0))\n'
        )


def test_prompts_and_templates_take_their_variables_by_alias_and_complete_them(write: Write) -> None:
    head = (
        "from typing import Annotated\nfrom pydantic import Field\nfrom app.authoring import Complete\n"
        "async def cities(prefix: str, land: str = '') -> list[str]:\n    return [land + prefix]\n"
        "async def towns(prefix: str) -> list[str]:\n    return [prefix]\n\n\n"
    )
    prompt = head + (
        "from app.authoring import prompt\n\n@prompt()\n"
        "async def visit(copy: Annotated[str, Complete(cities), Field(alias='City')],"
        ' land: Annotated[str, Field(alias=\'Land\')] = \'\') -> str:\n    """V."""\n    return land + copy\n'
    )
    resource = head + (
        "from app.authoring import resource\n\n@resource('city://{City}')\n"
        "async def city(copy: Annotated[str, Complete(towns),"
        ' Field(alias=\'City\')]) -> str:\n    """C."""\n    return copy\n'
    )
    rig = Rig(tools=write(), prompts=write(visit=prompt), resources=write(city=resource))

    (listed,) = rig.exchange("prompts/list").json["result"]["prompts"]
    assert [each["name"] for each in listed["arguments"]] == ["City", "Land"]
    got = rig.exchange("prompts/get", {"name": "visit", "arguments": {"City": "Bern", "Land": "[1]"}}).json[
        "result"
    ]
    assert got["messages"][0]["content"]["text"] == "[1]Bern"
    read = rig.exchange("resources/read", {"uri": "city://Bern"}).json["result"]
    assert read["contents"][0]["text"] == "Bern"
    for ref in ({"type": "ref/prompt", "name": "visit"}, {"type": "ref/resource", "uri": "city://{City}"}):
        asked = {"ref": ref, "argument": {"name": "City", "value": "B"}, "context": {"arguments": {"Land": "CH-"}}}
        values = rig.exchange("completion/complete", asked).json["result"]["completion"]["values"]
        assert values == ["CH-B" if "name" in ref else "B"]
