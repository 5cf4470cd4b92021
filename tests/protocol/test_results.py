"""What a caller reads of a result: one text of its data, or the author's own; and nothing is lost."""

import json
from typing import Any

import pytest

from app.protocol.catalogue.definition import CatalogueError
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, Rig

pytestmark = pytest.mark.matrix("version")

HEAD = """
from collections.abc import Callable
from typing import Annotated, Any, Dict, NotRequired, Optional, TypedDict
from mcp_types import CallToolResult, InputRequiredResult, TextContent
from pydantic import BaseModel, BeforeValidator, Field, Json, PlainSerializer, field_serializer
from app.authoring import BigInt, Result
from app.authoring import Content, Image, Link, Text
from app.authoring import tool

PNG = Image(b"\\x89PNG\\r\\n\\x1a\\n")

class Report(BaseModel):
    rank: int = Field(ge=0)
    secret: str = Field(default="s", exclude=True)

class Twice(BaseModel):
    model_config = {{"revalidate_instances": "always"}}
    row_id: int = Field(validation_alias="row-id", serialization_alias="rowId")
    rows: Json[list[int]]

class Broken(BaseModel):
    rank: int

    @field_serializer("rank")
    def write(self, rank: int) -> str:
        raise KeyError("sk_secret")

class Lies(BaseModel):
    rank: int

    @field_serializer("rank")
    def write(self, rank: int) -> int:
        return "first"

class Row(TypedDict):
    rank: Annotated[int, Field(ge=0)]
    rows: NotRequired[Json[list[int]]]

class Nested(TypedDict, total=False):
    "Rows of rows."
    __pydantic_config__ = {{"extra": "forbid"}}
    rank: int

class Opaque:
    def __str__(self):
        return "opaque"

class Calls(BaseModel):
    rank: int | Callable[[], int] = 1

class Tells:
    _hidden: int
    rank: int
    def __init__(self):
        self.rank = 1

def refuses(value):
    raise KeyError("sk_secret")

@tool()
async def one(){hint}:
    \"\"\"O.\"\"\"
    return {value}
"""


def answered(write: Write, hint: str, value: str, version: str = ERAS[0]) -> Any:
    said = f" -> {hint}" if hint else ""
    return Rig(tools=write(one=HEAD.format(hint=said, value=value))).call("one", version=version)


def texts(result: Any) -> list[str]:
    return [block.get("text", block["type"]) for block in result["content"]]


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("hint", "value", "data"),
    [
        ("list[str]", "[]", {"result": []}),
        ("list[int]", "[1, 2]", {"result": [1, 2]}),
        ("None", "None", {"result": None}),
        ("Report | None", "None", {"result": None}),
        ("int", "0", {"result": 0}),
        ("bool", "False", {"result": False}),
        ("dict[str, int]", "{}", {}),
        ("dict[int, int]", "{1: 2}", {"result": {"1": 2}}),
        ("Report", "Report(rank=1)", {"rank": 1}),
        ("list[Report]", "[Report(rank=1)]", {"result": [{"rank": 1}]}),
        ("Row", "{'rank': 1}", {"rank": 1}),
        ("Nested", "{}", {}),
        ("Result[list[str]]", "Result([])", {"result": []}),
        ("Annotated[str, PlainSerializer(len, return_type=int)]", "'text'", {"result": 4}),
        ("list[BigInt]", "[2**53 + 1]", {"result": ["9007199254740993"]}),
        ("Report | InputRequiredResult", "Report(rank=1)", {"rank": 1}),
        ("Report | bool | InputRequiredResult", "Report(rank=1)", {"result": {"rank": 1}}),
        ("Tells", "Tells()", {"rank": 1}),
        ("Dict", "{1: 2}", {"result": {"1": 2}}),
        ("Report", "{'rank': 1}", {"rank": 1}),
    ],
)
def test_data_is_repeated_as_one_text_of_json(
    hint: str, value: str, data: Any, version: str, write: Write
) -> None:
    result = answered(write, hint, value, version)

    assert result["structuredContent"] == data
    assert texts(result) == [json.dumps(data, indent=2)]


@pytest.mark.parametrize("hint", ["str", "str | None", "Annotated[str, Field(max_length=9)]", "Result[str]"])
def test_text_stays_as_it_is_and_is_put_in_no_quotes(hint: str, write: Write) -> None:
    result = answered(write, hint, "Result('a \"b\"')" if "Result" in hint else "'a \"b\"'")

    assert (texts(result), result["structuredContent"]) == (['a "b"'], {"result": 'a "b"'})


def test_of_text_with_a_serializer_only_what_is_written_is_told(write: Write) -> None:
    result = answered(write, "Annotated[str, PlainSerializer(lambda text: text[:1], return_type=str)]", "'secret'")

    assert (texts(result), result["structuredContent"]) == (["s"], {"result": "s"})


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("hint", "value", "said"),
    [
        ("", "None", ["null"]),
        ("", "[]", ["[]"]),
        ("", "['a', 'b']", ['[\n  "a",\n  "b"\n]']),
        ("", "'a'", ["a"]),
        ("", "b'\\xff'", ['"_w=="']),
        ("", "'\\ud800'", ["\ud800"]),
        ("", "['\\ud800']", ['[\n  "\\ud800"\n]']),
        ("", "[PNG, 'a', {'b': 1}]", ["image", "a", '{\n  "b": 1\n}']),
        ("", "TextContent(text='a')", ["a"]),
        ("", "Opaque()", ['"opaque"']),
        ("list", "[]", ["[]"]),
        ("list", "[PNG]", ["image"]),
        ("dict", "{'a': [1]}", ['{\n  "a": [\n    1\n  ]\n}']),
        ("object", "[1]", ["[\n  1\n]"]),
        ("Opaque", "Opaque()", ['"opaque"']),
        ("Report | Callable[[], int]", "Report(rank=1)", ['{\n  "rank": 1\n}']),
        ("Calls", "Calls()", ['{\n  "rank": 1\n}']),
        ("Result[None]", "Result(None)", ["null"]),
        ("Result[None]", "Result(None, PNG)", ["image"]),
        ("list[str | Content]", "['a', 'b']", ["a", "b"]),
        ("CallToolResult", "CallToolResult(content=[TextContent(text='a')])", ["a"]),
    ],
)
def test_without_a_schema_there_is_something_to_read_too(
    hint: str, value: str, said: list[str], version: str, write: Write
) -> None:
    result = answered(write, hint, value, version)

    assert texts(result) == said
    assert "structuredContent" not in result


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("'Mine.'", ["Mine."]),
        ("Text('Mine.')", ["Mine."]),
        ("['Mine.', PNG]", ["Mine.", "image"]),
        ("PNG", ['{\n  "rank": 1\n}', "image"]),
        ("[Link('report://1', 'first')]", ['{\n  "rank": 1\n}', "resource_link"]),
        ("()", ['{\n  "rank": 1\n}']),
    ],
)
def test_an_authors_text_stands_for_the_data_and_a_picture_stands_beside_it(
    content: str, said: list[str], write: Write
) -> None:
    result = answered(write, "Result[Report]", f"Result(Report(rank=1), {content})")

    assert texts(result) == said
    assert result["structuredContent"] == {"rank": 1}


@pytest.mark.parametrize(
    ("hint", "value", "data"),
    [
        ("Twice", "Twice.model_validate({'row-id': 1, 'rows': '[1]'})", {"rowId": 1, "rows": [1]}),
        ("list[Json[list[int]]]", "[[1]]", {"result": [[1]]}),
        ("Row", "{'rank': 1, 'rows': [1]}", {"rank": 1, "rows": [1]}),
        ("Annotated[int, BeforeValidator(refuses)]", "1", {"result": 1}),
        ("list[str]", "Report.model_construct(rank='first') and ['a']", {"result": ["a"]}),
    ],
)
def test_what_its_own_type_does_not_read_again_is_sent_if_it_fits(
    hint: str, value: str, data: Any, write: Write, log: Log
) -> None:
    result = answered(write, hint, value)

    assert not result["isError"], result
    assert result["structuredContent"] == data


@pytest.mark.parametrize(
    ("hint", "value", "said"),
    [
        ("list[Annotated[int, Field(ge=0)]]", "[-1]", ": result.0 should be greater than or equal to 0."),
        ("Row", "{'rank': -1}", ": rank should be greater than or equal to 0."),
        ("Lies", "Lies(rank=1)", "."),
        # JavaScript and pydantic read this pattern, and Python does not.
        (
            r"list[Annotated[str, Field(pattern='^\\p{L}$')]]",
            "['first']",
            ": result.0 should match pattern '^\\p{L}$'.",
        ),
        ("Report", "Report.model_construct(rank='first')", "."),
        ("Result[Row]", "Result({'rank': -1}, 'Mine.')", ": rank should be greater than or equal to 0."),
    ],
)
def test_what_does_not_fit_is_told_and_shown_once_the_tool_has_run(
    hint: str, value: str, said: str, write: Write, log: Log
) -> None:
    result = answered(write, hint, value)

    text = result["content"][0]["text"]
    assert result["isError"] is True
    assert "structuredContent" not in result
    assert text.startswith(
        "The tool has run, so do not simply call it again. What it returned does not fit its own return type"
        f"{said} It returned:\n"
    )
    assert ("-1" in text) or ("first" in text)
    assert log("result does not fit its return type")[0]["tool"] == "one"
    assert texts(result)[1:] == (["Mine."] if "Mine." in value else [])


@pytest.mark.parametrize(
    ("hint", "value"),
    [("int", "'sk_secret'"), ("Report", "object()"), ("Broken", "Broken(rank=1)"), ("Row", "[]")],
)
def test_what_cannot_be_written_at_all_stays_in_the_log(hint: str, value: str, write: Write, log: Log) -> None:
    result = answered(write, hint, value)

    assert result["isError"] is True
    assert texts(result) == ["The tool failed unexpectedly. The cause is in the server's log."]
    assert log("tool raised")[0]["tool"] == "one"


def test_bytes_that_are_no_text_are_sent_as_base64_and_the_log_says_so(write: Write, log: Log) -> None:
    assert answered(write, "list[bytes]", "[b'\\xff']")["structuredContent"] == {"result": ["_w=="]}
    assert log("result checked by its schema")[0]["tool"] == "one"


@pytest.mark.parametrize("hint", ["list[Opaque]", "dict[str, Opaque]"])
def test_a_type_that_pydantic_does_not_know_stops_the_start(hint: str, write: Write) -> None:
    with pytest.raises(CatalogueError, match="tool one has a type that no schema can show"):
        answered(write, hint, "None")


@pytest.mark.parametrize("given", ["9007199254740993", 9007199254740993, -1, "-1", "0"])
def test_a_big_int_comes_and_goes_as_text(given: Any, write: Write) -> None:
    text = HEAD.format(hint=" -> BigInt", value="big + 1").replace("one()", "one(big: BigInt)")
    rig = Rig(tools=write(one=text))

    result = rig.call("one", {"big": given})
    tool = rig.exchange("tools/list").json["result"]["tools"][0]

    assert result["structuredContent"] == {"result": str(int(given) + 1)}
    assert tool["inputSchema"]["properties"]["big"]["type"] == "string"
    assert tool["inputSchema"]["properties"]["big"]["pattern"] == "^-?[0-9]+$"
    assert tool["outputSchema"]["properties"]["result"]["type"] == "string"


@pytest.mark.parametrize("given", ["", "1.5", "1_000", " 1", "+1", "1e3", "٣", "1" * 4301, True, 1.5, None])
def test_what_is_no_whole_number_is_told(given: Any, write: Write) -> None:
    text = HEAD.format(hint=" -> BigInt", value="big").replace("one()", "one(big: BigInt)")

    result = Rig(tools=write(one=text)).call("one", {"big": given})

    assert result["isError"] is True
    assert "big: should be " in result["content"][0]["text"]


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", None),
        ("read_only=True", {"readOnlyHint": True}),
        ("read_only=False, destructive=False", {"readOnlyHint": False, "destructiveHint": False}),
        ("idempotent=True, open_world=False", {"idempotentHint": True, "openWorldHint": False}),
        ("title='One'", {"title": "One"}),
    ],
)
def test_a_hint_that_nobody_gave_is_not_sent(given: str, said: Any, version: str, write: Write) -> None:
    text = HEAD.format(hint="", value="1").replace("@tool()", f"@tool({given})")
    tool = Rig(tools=write(one=text)).exchange("tools/list", version=version).json["result"]["tools"][0]

    assert tool.get("annotations") == said


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(("depth", "is_indented"), [(0, True), (20, False)])
def test_a_text_is_indented_unless_that_makes_it_much_longer(
    depth: int, is_indented: bool, version: str, write: Write
) -> None:
    value = "[" * depth + "1," * 50 + "1" + "]" * depth
    rig = Rig(
        tools=write(
            one=f"{HEAD.replace('{{', '{').replace('}}', '}').partition('@tool')[0]}"
            f'@tool()\nasync def one() -> list[Any]:\n    """O."""\n    return [{value}]\n'
        )
    )

    (block,) = rig.call("one", version=version)["content"]

    assert ("\n" in block["text"]) is is_indented
    assert json.loads(block["text"])["result"] == json.loads(f"[{value}]")


@pytest.mark.parametrize("item", ["1", '"\\ud800"'])
def test_a_long_text_is_not_indented(item: str, write: Write) -> None:
    rig = Rig(
        tools=write(
            one=f"{HEAD.replace('{{', '{').replace('}}', '}').partition('@tool')[0]}"
            f'@tool()\nasync def one() -> list[Any]:\n    """O."""\n    return [{item}] * 20_000\n'
        )
    )

    (block,) = rig.call("one")["content"]

    assert "\n" not in block["text"]
    assert len(json.loads(block["text"])["result"]) == 20_000
