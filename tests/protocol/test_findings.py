"""What some clients cannot read is logged at the start, once each, unless its author silenced it."""

from typing import Any, get_args

import pytest

from app.authoring.tool import SchemaWarning
from app.protocol.schemas.findings import MAX_NAME_CHARACTERS
from examples import resources as example_resources
from tests.blocks import ROOT
from tests.catalogues import schemas
from tests.log import Log
from tests.packages import Write
from tests.rig import EXAMPLES, Rig

MESSAGE = "tool not for every client"
HEAD = """
from typing import Annotated, Any, Literal
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from app.authoring import tool

class Leaf(BaseModel):
    x: int = 1
class Node(BaseModel):
    what: Any = None
    nodes: list["Node"] = []
class Closed(BaseModel):
    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})
    x: int = 1
class M0(BaseModel):
    x: int = 1
"""
HEAD += "".join(f"class M{each}(BaseModel):\n    a: M{each - 1}\n    b: M{each - 1}\n" for each in range(1, 14))


def tool(parameters: str, options: str = "", name: str = "one") -> str:
    return HEAD + f'\n\n@tool({options})\nasync def {name}({parameters}) -> None:\n    """O."""\n'


FINDINGS = [
    ("a: Any", "any", "a", "AutoGen loses the whole list"),
    ("a: JsonValue | None = None, b: dict[str, Leaf] = {}", "any", "a", "smolagents"),
    ("a: list[dict[str, Annotated[Any, Field(description='x')]]]", None, "", ""),
    ("a: list[Closed]", "additional-properties", "a[]", "google-genai"),
    ("a: Literal[1, 2]", "number-choice", "a", "LangChain and Agno"),
    ("a: Literal['x', 'y'] | None = None, b: Literal['z'] = 'z'", None, "", ""),
    ("a: dict[str, Literal[True]]", "number-choice", "a.*", "LangChain"),
    ("a: Annotated[int, Field(alias='größe')]", "property-name", "größe", "Claude Code drops"),
    ("a: Annotated[int, Field(alias='" + "x" * 65 + "')]", "property-name", "x" * 65, "Claude"),
    ("a: M13", "definitions", "a", "Continue and Semantic Kernel"),
]


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding[0])
def test_each_is_told_with_its_field_and_clients(
    finding: tuple[str, str | None, str, str], write: Write, log: Log
) -> None:
    parameters, kind, field, clients = finding
    Rig(tools=write(one=tool(parameters)))

    lines = log(MESSAGE)
    assert [line["kind"] for line in lines] == ([kind] if kind else [])
    for line in lines:
        assert (line["level"], line["tool"], line["field"]) == ("WARNING", "one", field)
        assert line["file"].endswith("one.py")
        assert clients in line["clients"]
        assert line["instead"]


def test_a_model_that_holds_itself_is_told_at_each_use_and_what_is_in_it_once(write: Write, log: Log) -> None:
    Rig(tools=write(one=tool("a: Node, b: list[Node]")))

    told = [(line["kind"], line["field"]) for line in log(MESSAGE)]
    assert told == [("recursive", "a"), ("recursive", "b[]"), ("any", "Node.what")]


def test_a_name_that_clients_make_too_long_is_told(write: Write, log: Log) -> None:
    short, long = "x" * MAX_NAME_CHARACTERS, "y" * (MAX_NAME_CHARACTERS + 1)
    Rig(tools=write(one=tool("a: int", name=short), two=tool("a: int", name=long)))

    (line,) = log(MESSAGE)
    assert (line["kind"], line["tool"]) == ("long-name", long)
    assert "field" not in line


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf", "not", "if", "then", "else", "dependentSchemas"])
def test_a_condition_at_the_top_is_told(keyword: str, write: Write, log: Log) -> None:
    part: Any = {"required": ["a"]}
    value = (
        [part]
        if keyword in ("anyOf", "oneOf", "allOf")
        else {"a": part}
        if keyword == "dependentSchemas"
        else part
    )
    own = {"type": "object", "properties": {"a": {"type": "string"}}, keyword: value}
    Rig(tools=write(one=tool("a: str", f"input_schema={own!r}")))

    (line,) = log(MESSAGE)
    assert (line["kind"], "Claude Code drops the tool" in line["clients"]) == ("root-condition", True)


def test_an_authors_own_schema_may_say_false_and_true_says_nothing(write: Write, log: Log) -> None:
    own = {
        "type": "object",
        "properties": {"a": {"type": "object", "additionalProperties": True}},
        "additionalProperties": False,
    }
    Rig(tools=write(one=tool("a: dict[str, str]", f"input_schema={own!r}")))

    assert [(line["kind"], line.get("field")) for line in log(MESSAGE)] == [("additional-properties", None)]


@pytest.mark.parametrize("options", ['silence="any"', 'silence=["any", "recursive"]'])
def test_a_kind_can_be_silenced_for_one_tool(options: str, write: Write, log: Log) -> None:
    Rig(tools=write(one=tool("a: Any, b: Any", options), two=tool("a: Any", name="two")))

    assert [line["tool"] for line in log(MESSAGE)] == ["two"]


def test_only_what_is_told_can_be_silenced() -> None:
    from app.authoring.tool import tool as decorate

    with pytest.raises(ValueError, match="silence has 'noise'; the start warns of additional-properties, any, "):
        decorate(silence=["noise"])  # type: ignore[list-item]


def test_the_documents_name_every_kind_and_its_clients() -> None:
    text = (ROOT / "docs/schemas.md").read_text()
    for kind in get_args(SchemaWarning):
        assert f"`{kind}`" in text


@pytest.mark.parametrize("catalogue", [EXAMPLES, schemas])
def test_nothing_is_told_of_the_examples_nor_by_a_call(catalogue: Any, log: Log) -> None:
    rig = Rig(tools=catalogue, resources=example_resources)
    rig.exchange("tools/list")
    rig.call("whoami" if catalogue is EXAMPLES else "nothing")

    assert log(MESSAGE) == []
