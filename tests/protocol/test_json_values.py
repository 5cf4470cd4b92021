"""A number that JSON has no word for is told, and never sent as null."""

import json

import pytest

from tests.log import Log
from tests.packages import Write
from tests.rig import Rig, message

HEAD = """
from dataclasses import dataclass
from typing import Any
from pydantic import BaseModel, ConfigDict
from app.authoring import Result
from app.authoring import tool

class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    share: Any = 0.5

@dataclass
class Plain:
    share: float

@tool()
async def one(x: float = 0.5) -> {hint}:
    \"\"\"O.\"\"\"
    return {value}
"""
SAID = "The tool failed: its result holds a number that is infinite or not a number (NaN), which JSON cannot say"


def serving(write: Write, hint: str, value: str) -> Rig:
    return Rig(tools=write(one=HEAD.format(hint=hint, value=value)))


RESULTS = [
    ("float", "x"),
    ("float", "str(x)"),
    ("list[float]", "[1.5, x]"),
    ("tuple[float, float]", "(1.5, x)"),
    ("dict[str, float]", "{'a': x}"),
    ("dict[str, Any]", "{'a': [{'b': x}]}"),
    ("Open", "Open(share=[x])"),
    ("Open", "Open(more={'a': x})"),
    ("Plain", "Plain(x)"),
    ("Result[float]", "Result(x)"),
    ("Result[int]", "Result(1, meta={'example.com/a': x})"),
    ("Any", "[x]"),
]


@pytest.mark.parametrize(("hint", "value"), RESULTS)
def test_an_infinite_number_in_a_result_is_an_error(hint: str, value: str, write: Write, log: Log) -> None:
    rig = serving(write, hint, value)
    headers, body = message("tools/call", {"name": "one", "arguments": {"x": "too large"}})
    large = json.dumps(body).replace('"too large"', "1e400")

    result = rig.request(token=rig.issuer.token(), headers=headers, body=large).json["result"]

    assert result["isError"] is True
    assert result["content"][0]["text"] == SAID
    assert "structuredContent" not in result
    assert "infinite or not a number" in log("tool raised")[0]["exception"]


@pytest.mark.parametrize(("hint", "value"), RESULTS)
def test_any_other_number_is_sent(hint: str, value: str, write: Write) -> None:
    result = serving(write, hint, value).call("one", {"x": 2.5})

    assert not result.get("isError")
    assert "2.5" in str(result)


def test_a_class_is_no_dataclass_to_look_into(write: Write) -> None:
    assert "Plain" in serving(write, "Any", "[Plain]").call("one")["content"][0]["text"]
