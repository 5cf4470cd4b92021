"""A value of the right class that nobody has validated is never sent where it breaks the schema of its tool."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, Field
from typing_extensions import TypedDict

from app.protocol.schemas.output_types import describe_output
from tests.catalogues import outputs
from tests.catalogues.outputs.misfits import MISFITS
from tests.log import Log
from tests.rig import ERAS, Rig

CASES = [(name, place) for name, (_, values) in MISFITS.items() for place in range(len(values))]


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig(tools=outputs)


@pytest.mark.parametrize(("name", "place"), CASES, ids=str)
def test_what_breaks_the_schema_is_a_tool_error_that_shows_it(name: str, place: int, rig: Rig, log: Log) -> None:
    result = rig.call(name, {"place": place})

    assert result["isError"] is True
    assert "structuredContent" not in result
    text = result["content"][0]["text"]
    assert text.startswith(
        "The tool has run, so do not simply call it again. What it returned does not fit its own return type: "
    )
    assert "It returned:\n{" in text
    assert log("result does not fit its return type")[0]["tool"] == name


@pytest.mark.parametrize("version", ERAS)
def test_it_is_the_same_in_both_eras(version: str, rig: Rig) -> None:
    assert rig.call("copied", {"place": 0}, version=version)["isError"] is True


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("copied", "name should have at most 2 characters"),
        ("in_list", "result.1.name should have at most 2 characters"),
        ("in_union", "result.Report.name should have at most 2 characters"),
        ("in_tree", "children.0.name should have at most 2 characters"),
    ],
)
def test_the_error_says_where_and_what_was_expected(name: str, said: str, rig: Rig) -> None:
    assert said in rig.call(name, {"place": 0})["content"][0]["text"]


class Plain(TypedDict):
    names: list[Annotated[str, Field(max_length=2)]]


@pytest.mark.parametrize(
    "hint",
    [str, None, list[int], dict[str, float], tuple[int, AwareDatetime], Literal["a"], bytes | int | None, Plain],
    ids=str,
)
def test_data_that_is_validated_when_it_is_written_is_not_checked_twice(hint: Any) -> None:
    output = describe_output(hint, "one")

    assert output is not None
    assert output.check is None
