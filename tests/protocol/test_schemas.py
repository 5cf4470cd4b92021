"""The schemas that a list shows: the same values as the types', in the form that clients' converters read."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from app.authoring.json_schema import subschemas
from app.protocol.schemas.client_schema import MAX_INLINED_CHARACTERS, simplify
from tests.catalogues import schemas
from tests.catalogues.schemas import models
from tests.packages import Write
from tests.rig import ERAS, Rig

HEAD = """
from typing import Annotated, Any
from pydantic import BaseModel, ConfigDict, Field
from app.authoring import tool

"""


def tool_of(write: Write, code: str) -> dict[str, Any]:
    (tool,) = Rig(tools=write(one=HEAD + code)).exchange("tools/list").json["result"]["tools"]
    return dict(tool)


def taking(write: Write, hint: str, types: str = "") -> Any:
    code = f'{types}\n\n@tool()\nasync def one(a: {hint}) -> None:\n    """O."""\n'
    return tool_of(write, code)["inputSchema"]["properties"]["a"]


def every(schema: Any, *, is_result: bool = False) -> Iterator[dict[str, Any]]:
    """It and all in it. A result may promise that it has no other fields: nothing converts a result's schema."""
    if schema is False and is_result:
        return
    assert isinstance(schema, dict)  # no other schema is a boolean
    yield schema
    for _, _, part in subschemas(schema):
        yield from every(part, is_result=is_result)


@pytest.mark.parametrize("version", ERAS)
def test_no_schema_has_what_converters_stumble_over(version: str) -> None:
    tools = Rig(tools=schemas).exchange("tools/list", version=version).json["result"]["tools"]
    shown = [each for tool in tools for each in every(tool["inputSchema"])]
    shown += [each for tool in tools for each in every(tool.get("outputSchema", {}), is_result=True)]

    assert len(shown) > 100
    for schema in shown:
        assert not {"$ref", "$defs", "discriminator"} & schema.keys()
        assert schema.get("type") != "array" or isinstance(schema["items"], dict)
        if "default" in schema:
            Draft202012Validator(schema).validate(schema["default"])


PLACE = {"city": "Bern"}
VALUES: list[Any] = [
    None,
    True,
    1,
    "red",
    [],
    [1],
    [1, "a"],
    [1, PLACE],
    [1, 2],
    [[1, PLACE]],
    {},
    PLACE,
    {"city": "bern"},
    {"city": "Bern", "colour": "green"},
    {"kind": "cat", "place": PLACE},
    {"kind": "dog"},
    {"kind": "cow"},
    {"name": "x", "place": PLACE},
    {"places": [PLACE]},
    {"places": [1]},
    {"a": PLACE},
    {"notes": {"a": 1}, "more": 1},
]
TYPES = [
    models.Place,
    models.Row,
    models.Box,
    models.Pet,
    models.Point,
    models.Open,
    tuple[int, str],
    tuple[int, int],
    tuple[()],
    list[models.Pet],
    dict[str, models.Place],
    tuple[int, models.Place],
    models.Place | None,
]


@pytest.mark.parametrize("hint", TYPES, ids=str)
def test_the_same_values_fit_as_before(hint: Any) -> None:
    made = TypeAdapter(hint).json_schema()
    before, after = Draft202012Validator(made), Draft202012Validator(simplify(made))

    Draft202012Validator.check_schema(after.schema)
    for value in VALUES:
        assert before.is_valid(value) == after.is_valid(value), value


def test_what_stands_beside_a_reference_stays(write: Write) -> None:
    types = "class M(BaseModel):\n    x: int = 1\n"
    hint = "Annotated[M, Field(description='The one', examples=[{'x': 3}])] = M(x=2)"

    assert taking(write, hint, types) == {
        "type": "object",
        "title": "M",
        "description": "The one",
        "properties": {"x": {"type": "integer", "title": "X", "default": 1}},
        "default": {"x": 2},
        "examples": [{"x": 3}],
    }


def test_limits_on_both_sides_of_a_reference_hold_both(write: Write) -> None:
    config = "    model_config = ConfigDict(json_schema_extra={'minProperties': 1})\n"
    types = f"class M(BaseModel):\n    x: int = 1\n{config}"
    shown = taking(write, "Annotated[M, Field(json_schema_extra={'minProperties': 2})]", types)

    assert shown["minProperties"] == 2
    assert [each["minProperties"] for each in shown["allOf"]] == [1]


def test_an_extra_argument_is_refused_although_no_schema_says_so(write: Write) -> None:
    code = HEAD + (
        "class M(BaseModel):\n    model_config = ConfigDict(extra='forbid')\n    x: int = 1\n\n\n"
        '@tool()\nasync def one(a: M) -> M:\n    """O."""\n    return a\n'
    )
    rig = Rig(tools=write(one=code))
    (tool,) = rig.exchange("tools/list").json["result"]["tools"]

    assert "additionalProperties" not in str(tool["inputSchema"])
    assert rig.call("one", {"a": {"x": 2}})["structuredContent"] == {"x": 2}
    assert "is not known here" in rig.call("one", {"a": {"y": 2}})["content"][0]["text"]


FALSE = "json_schema_extra={'additionalProperties': False}"


@pytest.mark.parametrize(
    ("types", "hint"),
    [
        (f"class M(BaseModel):\n    model_config = ConfigDict(extra='forbid', {FALSE})\n", "M"),
        ("", f"Annotated[dict[str, Any], Field({FALSE})]"),
    ],
)
def test_false_is_shown_where_its_author_asks_for_it(types: str, hint: str, write: Write) -> None:
    types += f"class N(BaseModel):\n    model_config = ConfigDict(extra='forbid')\n    m: {hint}\n"
    shown = taking(write, "N", types)

    assert "additionalProperties" not in shown
    assert shown["properties"]["m"]["additionalProperties"] is False


def test_a_schema_of_an_authors_own_keeps_all_but_what_says_nothing(write: Write) -> None:
    inside = {"type": "object", "additionalProperties": True, "properties": {"x": {"$ref": "#/$defs/X"}}}
    own = {"type": "object", "properties": {"a": inside}, "additionalProperties": False, "$defs": {"X": {}}}
    code = f'@tool(input_schema={own!r}, silence=["additional-properties", "definitions", "any"])\n'

    shown = tool_of(write, code + 'async def one(a: dict[str, Any]) -> None:\n    """O."""\n')["inputSchema"]

    inside.pop("additionalProperties")
    assert shown == own


RECURSIVE = """
class Leaf(BaseModel):
    x: int = 1
class Node(BaseModel):
    leaf: Leaf = Leaf()
    nodes: list["Node"] = []
"""


def test_what_holds_itself_keeps_its_definition_and_nothing_else_does(write: Write) -> None:
    code = RECURSIVE + '\n\n@tool()\nasync def one(a: Node, b: Leaf) -> Node:\n    """O."""\n    return a\n'

    tool = tool_of(write, code)

    for schema in (tool["inputSchema"], tool["outputSchema"]):
        assert list(schema["$defs"]) == ["Node"]
        node = schema["$defs"]["Node"]["properties"]
        assert node["nodes"]["items"] == {"$ref": "#/$defs/Node"}
        assert node["leaf"]["properties"]["x"]["default"] == 1
    assert "$ref" not in tool["inputSchema"]["properties"]["b"]


def diamonds(levels: int) -> str:
    lines = ["class M0(BaseModel):\n    x: int = 1\n"]
    lines += [
        f"class M{each}(BaseModel):\n    a: M{each - 1}\n    b: M{each - 1}\n" for each in range(1, levels + 1)
    ]
    return "".join(lines)


def test_models_that_would_double_at_each_level_keep_their_definitions(write: Write) -> None:
    small, large = taking(write, "M3", diamonds(3)), taking(write, "M40", diamonds(40))

    assert "$ref" not in str(small)
    assert large == {"$ref": "#/$defs/M40"}


@pytest.mark.parametrize(
    "schema",
    [
        {
            "type": "object",
            "$defs": {"A": {}},
            "properties": {"a": {"$ref": "#/$defs/A/not"}, "b": {"$ref": "#/$defs/A"}},
        },
        {"type": "object", "$defs": {"A": {"$id": "urn:a"}}, "properties": {"b": {"$ref": "#/$defs/A"}}},
        {
            "type": "object",
            "$defs": {"A": True},
            "properties": {"b": {"$ref": "#/$defs/A", "x": "y" * MAX_INLINED_CHARACTERS}},
        },
    ],
)
def test_references_that_lead_elsewhere_are_left_as_they_are(schema: dict[str, Any]) -> None:
    assert simplify(schema)["properties"] == schema["properties"]


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({"type": "array", "items": False}, {"type": "array", "items": {}, "maxItems": 0}),
        ({"type": "array", "items": True}, {"type": "array", "items": {}}),
        ({"type": ["array", "null"]}, {"type": ["array", "null"], "items": {}}),
        (
            {"type": "array", "prefixItems": [{"type": "string"}, True], "items": False, "maxItems": 1},
            {
                "type": "array",
                "prefixItems": [{"type": "string"}, {}],
                "maxItems": 1,
                "items": {"anyOf": [{"type": "string"}, {}]},
            },
        ),
        (
            {"type": "array", "prefixItems": [{"type": "string"}]},
            {"type": "array", "prefixItems": [{"type": "string"}], "items": {}},
        ),
        ({"properties": {"a": True, "b": False}}, {"properties": {"a": {}, "b": {"not": {}}}}),
        ({"additionalProperties": True, "unevaluatedProperties": True}, {}),
        ({"additionalProperties": {"type": "string"}}, {"additionalProperties": {"type": "string"}}),
        ({"maximum": float("inf"), "minimum": 1, "examples": [float("nan")]}, {"minimum": 1}),
        ({"default": {"a": [float("inf")]}}, {}),
        ({"properties": 5}, {"properties": 5}),
        ({"properties": {"a": 5}}, {"properties": {"a": 5}}),
        ({"$defs": 5}, {"$defs": 5}),
        (
            {"$defs": {"A": True}, "items": {"$ref": "#/$defs/A", "minimum": 1}},
            {"items": {"minimum": 1, "allOf": [{}]}},
        ),
    ],
)
def test_each_keyword_is_written_in_the_plainest_way(schema: dict[str, Any], shown: dict[str, Any]) -> None:
    assert simplify(schema) == shown


def test_the_places_of_a_large_tuple_are_not_repeated() -> None:
    place = {"type": "string", "description": "x" * 3000}

    assert simplify({"type": "array", "prefixItems": [place], "maxItems": 1})["items"] == {}


def test_a_result_that_forbids_other_fields_says_so(write: Write) -> None:
    types = "class M(BaseModel):\n    model_config = ConfigDict(extra='forbid')\n    x: dict[str, Any] = {}\n"
    shown = tool_of(write, types + '\n\n@tool()\nasync def one() -> list[M]:\n    """O."""\n    return []\n')

    model = shown["outputSchema"]["properties"]["result"]["items"]
    assert model["additionalProperties"] is False
    assert "additionalProperties" not in model["properties"]["x"]


PETS = """
class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
Key = Annotated[str, Field(pattern="^[a-z]+$", max_length=9)]
"""


def test_the_members_of_a_union_are_any_of_whose_tags_are_choices_of_one_text(write: Write) -> None:
    shown = taking(write, "Pet", f"from typing import Literal\n{PETS}")

    assert "discriminator" not in shown
    assert [member["properties"]["kind"]["enum"] for member in shown["anyOf"]] == [["cat"], ["dog"]]


@pytest.mark.parametrize(
    ("values", "shown"), [("int", {"additionalProperties": {"type": "integer"}}), ("Any", {})]
)
def test_the_values_of_a_dict_are_seen_where_its_keys_have_a_pattern(
    values: str, shown: dict[str, Any], write: Write
) -> None:
    schema = taking(write, f"dict[Key, {values}]", f"from typing import Literal\n{PETS}")

    names = {"pattern": "^[a-z]+$", "maxLength": 9}
    assert schema == {"type": "object", "title": "A", "propertyNames": names, **shown}
