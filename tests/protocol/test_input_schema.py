"""A schema of the author's own stands in the list, and the types still hold."""

from typing import Any

import pytest

from app.protocol.catalogue.definition import CatalogueError
from tests.packages import Write
from tests.rig import Rig

OWN: dict[str, Any] = {
    "type": "object",
    "properties": {"phone": {"type": "string"}, "email": {"type": "string", "x-mcp-header": "Email"}},
    "anyOf": [{"required": ["phone"]}, {"required": ["email"]}],
}


def served(write: Write, schema: dict[str, Any]) -> Rig:
    code = (
        "from app.authoring import ToolError, tool\n\n\n"
        f"@tool(input_schema={schema!r})\n"
        'async def reach(phone: str = "", email: str = "") -> str:\n'
        '    """Say how somebody is reached."""\n'
        "    if not phone and not email:\n"
        '        raise ToolError("Give one of the two.")\n'
        "    return phone or email\n"
    )
    return Rig(tools=write(reach=code))


def test_the_list_shows_it_as_it_was_written(write: Write) -> None:
    (tool,) = served(write, OWN).exchange("tools/list").json["result"]["tools"]

    assert tool["inputSchema"] == OWN


def test_types_are_checked_all_the_same_and_the_function_checks_the_rest(write: Write) -> None:
    rig = served(write, OWN)

    assert rig.call("reach", {"phone": "1"})["content"][0]["text"] == "1"
    assert "phone: should be text" in rig.call("reach", {"phone": 1})["content"][0]["text"]
    assert rig.call("reach")["content"][0]["text"] == "Give one of the two."


def test_an_argument_that_it_has_repeated_in_a_header_must_be(write: Write) -> None:
    rig, call = served(write, OWN), {"name": "reach", "arguments": {"email": "a@example.com"}}

    assert rig.exchange("tools/call", call).json["error"]["code"] == -32020
    assert rig.exchange("tools/call", call, headers={"mcp-param-email": "a@example.com"}).status == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": "array"}, 'has no "type": "object"'),
        ({"properties": 5}, r"is not a JSON Schema: \$\.properties: 5 is not of type 'object'"),
        ({"properties": {"phone": 1, "email": {}}}, r"is not a JSON Schema: \$\.properties\.phone: 1 is not of"),
        ({"required": "phone"}, r"is not a JSON Schema: \$\.required: 'phone' is not of type 'array'"),
        ({"allOf": [{"$ref": "#/$defs/a"}]}, r"is not a JSON Schema: its \$ref #/\$defs/a leads nowhere"),
        ({"$ref": "#/anyOf/2"}, r"is not a JSON Schema: its \$ref #/anyOf/2 leads nowhere"),
        ({"$ref": "#/type/x"}, r"is not a JSON Schema: its \$ref #/type/x leads nowhere"),
        ({"properties": {"phone": {}}}, "and its parameters differ in email; both name the same ones"),
        ({"properties": {**OWN["properties"], "fax": {}}}, "and its parameters differ in fax"),
        (
            {"properties": {"phone": {}, "email": {"type": "array", "x-mcp-header": "Email"}}},
            "has an x-mcp-header that clients cannot send: ",
        ),
    ],
)
def test_one_that_no_call_could_follow_stops_the_start(write: Write, change: dict[str, Any], said: str) -> None:
    with pytest.raises(CatalogueError, match=rf"reach\.py: the input_schema of tool reach {said}"):
        served(write, {**OWN, **change})


def test_references_lead_to_where_they_say(write: Write) -> None:
    more = {
        "$defs": {"a/b c": {"type": "string"}, "$ref": {"default": {"$ref": "#/of/data"}}},
        "allOf": [
            {"$ref": "#/$defs/a~1b%20c"},
            {"$ref": "#/anyOf/0"},
            {"$id": "urn:example:own", "$defs": {"x": {}}, "$ref": "#/$defs/x"},
        ],
    }

    (tool,) = served(write, {**OWN, **more}).exchange("tools/list").json["result"]["tools"]

    assert tool["inputSchema"] == {**OWN, **more}
