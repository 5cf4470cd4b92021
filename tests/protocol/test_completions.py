"""completion/complete: what is offered while an argument is typed."""

from typing import Any

import pytest

from tests.catalogues import prompts, resources
from tests.log import Log
from tests.rig import ERAS, MODERN, Answer, Rig

pytestmark = pytest.mark.matrix("version")

PROMPT = {"type": "ref/prompt", "name": "completed"}
UNKNOWN_PROMPT = "There is no such prompt. prompts/list names those that exist."
UNKNOWN_RESOURCE = "There is no such resource. resources/list and resources/templates/list name those that exist."


@pytest.fixture
def many() -> Rig:
    return Rig(prompts=prompts, resources=resources)


def complete(rig: Rig, ref: Any, argument: str, value: str = "", version: str = MODERN, **filled: Any) -> Answer:
    """`filled` has `arguments` if a client sends what is filled in already."""
    params: dict[str, Any] = {"ref": ref, "argument": {"name": argument, "value": value}}
    if filled:
        params["context"] = filled
    return rig.exchange("completion/complete", params, version=version)


def values(answer: Answer) -> list[str]:
    assert "result" in answer.json, answer
    found: list[str] = answer.json["result"]["completion"]["values"]
    return found


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("argument", "typed", "offered"),
    [
        ("style", "", ["brief", "Broad", "detailed"]),
        ("style", "B", ["brief", "Broad"]),
        ("size", "l", ["large"]),
        ("sync", "x", ["a", "b"]),
        ("caller", "", ["user_01ALICE"]),
        ("own_style", "", ["a", "b"]),
        ("plain", "x", []),
        ("made_up", "x", []),
    ],
)
def test_an_argument_is_completed_by_its_function_or_its_type(
    argument: str, typed: str, offered: list[str], version: str, many: Rig
) -> None:
    answer = complete(many, PROMPT, argument, typed, version)

    assert answer.json["result"]["completion"] == {"values": offered, "total": len(offered), "hasMore": False}


@pytest.mark.parametrize("version", ERAS)
def test_a_hundred_are_sent_and_how_many_there_are_is_said(version: str, many: Rig) -> None:
    completion = complete(many, PROMPT, "many", "x", version).json["result"]["completion"]

    assert completion["values"] == [f"x{number}" for number in range(100)]
    assert (completion["total"], completion["hasMore"]) == (101, True)


@pytest.mark.parametrize(
    ("filled", "offered"),
    [
        ({}, ["none", "None"]),
        ({"arguments": {}}, ["none", "None"]),
        ({"arguments": {"country": "[1]", "plain": "x"}}, ["[1]", "None"]),
        ({"arguments": {"country": "it", "size": "null"}}, ["it", "null"]),
    ],
)
def test_a_completion_knows_what_is_filled_in_already(
    filled: dict[str, Any], offered: list[str], many: Rig
) -> None:
    assert values(complete(many, PROMPT, "city", **filled)) == offered


def test_what_is_filled_in_but_does_not_fit_is_named(many: Rig) -> None:
    ref = {"type": "ref/prompt", "name": "completed_by_number"}

    error = complete(many, ref, "item", arguments={"number": "x"}).json["error"]

    assert error["code"] == -32602
    assert error["message"].startswith("What is filled in already does not fit. number: should be a whole number")


@pytest.mark.parametrize("version", ERAS)
def test_a_variable_of_a_template_is_completed(version: str, many: Rig) -> None:
    ref = {"type": "ref/resource", "uri": "item://{number}"}

    assert values(complete(many, ref, "number", "1", version)) == ["17", "18"]
    assert values(complete(many, {"type": "ref/resource", "uri": "report://plain"}, "number", "", version)) == []


@pytest.mark.parametrize(
    ("version", "status", "code"), [("2025-11-25", 200, -32002), (MODERN, 400, -32602)], ids=ERAS
)
def test_what_no_list_shows_is_an_error(version: str, status: int, code: int, many: Rig) -> None:
    prompt = complete(many, {"type": "ref/prompt", "name": "<script>"}, "a", "", version)
    resource = complete(many, {"type": "ref/resource", "uri": "item://17"}, "number", "", version)

    assert (prompt.status, prompt.json["error"]) == (status, {"code": -32602, "message": UNKNOWN_PROMPT})
    assert (resource.status, resource.json["error"]["code"]) == (status, code)
    assert resource.json["error"]["message"] == UNKNOWN_RESOURCE


def test_a_completion_may_say_why_there_is_none(many: Rig) -> None:
    error = complete(many, PROMPT, "told").json["error"]

    assert error == {"code": -32603, "message": "Nothing can be suggested today."}


@pytest.mark.parametrize("argument", ["untold", "no_list", "no_strings"])
def test_what_a_completion_did_not_mean_to_say_stays_in_the_log(argument: str, many: Rig, log: Log) -> None:
    error = complete(many, PROMPT, argument).json["error"]

    said = "The completion failed unexpectedly. The cause is in the server's log."
    assert error == {"code": -32603, "message": said}
    (line,) = log("completion raised")
    assert line["completion"] == "completed"


def test_the_record_of_a_completion_has_no_arguments(many: Rig, log: Log) -> None:
    complete(many, PROMPT, "sync", "what I type")

    (line,) = log("exchange")
    assert line["method"] == "completion/complete"
    assert "arguments" not in line
    assert "what I type" not in str(line)


def test_the_shipped_template_offers_years_the_nearest_first(shipped: Rig) -> None:
    ref = {"type": "ref/resource", "uri": "calendar://{year}/working-days"}

    everything = complete(shipped, ref, "year").json["result"]["completion"]
    begun = values(complete(shipped, ref, "year", everything["values"][0][:3]))

    assert (everything["total"], everything["hasMore"]) == (101, True)
    assert begun[0] == everything["values"][0]
    assert {year[:3] for year in begun} == {begun[0][:3]}
    assert values(complete(shipped, ref, "year", "x")) == []
