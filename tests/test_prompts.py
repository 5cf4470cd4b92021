"""Prompts as their authors write them and as clients see them."""

from typing import Any

import pytest

from tests.catalogues import prompts
from tests.issuer import ABSENT
from tests.log import Log
from tests.rig import ERAS, MODERN, Answer, Rig

pytestmark = pytest.mark.matrix("version")

UNKNOWN = "There is no such prompt. prompts/list names those that exist."


@pytest.fixture
def many() -> Rig:
    return Rig(prompts=prompts)


def get(rig: Rig, name: str, version: str = MODERN, token: str | None = None, **arguments: str) -> Answer:
    return rig.exchange("prompts/get", {"name": name, "arguments": arguments}, version=version, token=token)


def text(answer: Answer) -> str:
    (message,) = answer.json["result"]["messages"]
    said: str = message["content"]["text"]
    return said


@pytest.mark.parametrize("version", ERAS)
def test_a_prompt_is_listed_with_its_arguments_and_without_what_is_injected(version: str, many: Rig) -> None:
    listed = many.exchange("prompts/list", version=version).json["result"]["prompts"]

    assert [each["name"] for each in listed] == sorted(each["name"] for each in listed)
    typed = next(each for each in listed if each["name"] == "typed")
    assert typed == {
        "name": "typed",
        "description": "Write about a day.",
        "arguments": [
            {"name": "day", "description": "The day in question", "required": True},
            {"name": "count", "required": False},
            {"name": "note", "required": False},
            {"name": "numbers", "required": False},
        ],
    }
    assert next(each for each in listed if each["name"] == "conversation")["title"] == "A conversation"


@pytest.mark.parametrize("version", ERAS)
def test_text_is_one_message_of_the_user(version: str, many: Rig) -> None:
    result = get(many, "typed", version, day="2026-11-23").json["result"]

    assert result["description"] == "Write about a day."
    said = "user_01ALICE Monday 1 None None"
    assert result["messages"] == [{"role": "user", "content": {"type": "text", "text": said}}]


@pytest.mark.parametrize("version", ERAS)
def test_a_prompt_may_return_messages_of_both_sides_and_every_kind_of_content(version: str, many: Rig) -> None:
    messages = get(many, "conversation", version, topic="tea").json["result"]["messages"]

    assert [(message["role"], message["content"]["type"]) for message in messages] == [
        ("user", "text"),
        ("assistant", "text"),
        ("user", "text"),
        ("assistant", "resource"),
        ("user", "image"),
        ("user", "audio"),
        ("user", "resource_link"),
    ]
    assert messages[0]["content"]["text"] == "Let us talk about tea."
    assert messages[2]["content"] == {"type": "text", "text": "Good.", "annotations": {"audience": ["assistant"]}}


def test_arguments_are_text_on_the_wire_and_typed_in_the_function(many: Rig) -> None:
    said = text(get(many, "typed", day="2026-11-23", count="3", note="[1]", numbers="[1, 2]"))

    assert said == "user_01ALICE Monday 3 '[1]' [1, 2]"


@pytest.mark.parametrize("note", ["null", "true", '{"a": 1}', "5", '"x"', ""])
def test_what_may_be_text_stays_text_even_if_it_reads_like_json(note: str, many: Rig) -> None:
    assert text(get(many, "typed", day="2026-11-23", note=note)).endswith(f"1 {note!r} None")


@pytest.mark.parametrize(("version", "status"), [("2025-11-25", 200), (MODERN, 400)])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "day: is required"),
        ({"day": "soon"}, "day: should be a date, as YYYY-MM-DD"),
        ({"day": "2026-11-23", "count": "0"}, "count: should be greater than or equal to 1"),
        ({"day": "2026-11-23", "numbers": "7"}, "numbers: should be a list"),
    ],
)
def test_an_argument_that_does_not_fit_is_named_with_what_was_expected(
    arguments: dict[str, str], said: str, version: str, status: int, many: Rig
) -> None:
    answer = get(many, "typed", version, **arguments)

    assert (answer.status, answer.json["error"]["code"]) == (status, -32602)
    assert answer.json["error"]["message"].startswith(f"The arguments do not fit the prompt. {said}")


def test_a_caller_cannot_pass_a_session(many: Rig) -> None:
    assert text(get(many, "typed", day="2026-11-23", session="user_01EVE")).startswith("user_01ALICE")


@pytest.mark.parametrize(("version", "status"), [("2025-11-25", 200), (MODERN, 400)])
def test_an_unknown_prompt_is_an_error_that_does_not_repeat_its_name(version: str, status: int, many: Rig) -> None:
    answer = get(many, "<script>", version)

    assert (answer.status, answer.json["error"]) == (status, {"code": -32602, "message": UNKNOWN})


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("told", "The calendar is locked. Try again in a minute."),
        ("shared", "A helper that tools share says so."),
        ("not found", "There is no such resource."),
    ],
)
def test_what_an_author_says_went_wrong_reaches_the_caller(kind: str, said: str, version: str, many: Rig) -> None:
    answer = get(many, "raises", version, kind=kind)

    assert (answer.status, answer.json["error"]) == (200, {"code": -32603, "message": said})


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("kind", ["untold", "validation", "nothing returned"])
def test_what_an_author_did_not_mean_to_say_stays_in_the_log(kind: str, version: str, many: Rig, log: Log) -> None:
    answer = get(many, "raises", version, kind=kind)

    said = "The prompt failed unexpectedly. The cause is in the server's log."
    assert answer.json["error"] == {"code": -32603, "message": said}
    (line,) = log("prompt raised")
    assert line["prompt"] == "raises"


@pytest.mark.parametrize("version", ERAS)
def test_a_prompt_that_does_not_end_is_ended_before_the_gateway_would(version: str) -> None:
    answer = get(Rig(prompts=prompts, tool_seconds=0.05), "slow", version)

    assert answer.json["error"]["message"].startswith("The prompt was ended after 0.05 seconds.")


def test_a_sync_prompt_works_and_knows_its_caller(many: Rig) -> None:
    assert text(get(many, "sync_prompt")) == "user_01ALICE"


def test_a_prompt_may_ask_back_over_two_round_trips(many: Rig) -> None:
    state = get(many, "confirmed").json["result"]["requestState"]
    answers = {"sure": {"action": "accept", "content": {"sure": True}}}
    sent = {"name": "confirmed", "arguments": {}, "requestState": state, "inputResponses": answers}

    assert text(many.exchange("prompts/get", sent)) == "resumed state of round one"
    assert many.exchange("prompts/get", sent, token=many.issuer.token(sub="user_01MALLORY")).status == 400


def test_a_prompt_that_asks_back_tells_a_2025_client_what_it_would_need(many: Rig) -> None:
    error = get(many, "confirmed", "2025-11-25").json["error"]

    assert error["message"].startswith("This prompt asks back before it acts, which needs a client of")


def test_the_record_names_the_prompt_and_its_arguments_but_no_value(many: Rig, log: Log) -> None:
    get(many, "typed", day="2026-11-23", note="secret plan", made_up="x")

    (line,) = log("exchange")
    assert (line["method"], line["prompt"], line["outcome"]) == ("prompts/get", "typed", "ok")
    assert set(line["arguments"]) == {"day", "note"}
    assert line["unknown_arguments"] == 1
    assert "secret plan" not in str(line)


@pytest.mark.parametrize(
    ("arguments", "claims", "said"),
    [
        ({}, {}, "in the organisation org_01ACME"),
        ({}, {"org_id": ABSENT}, "without an organisation"),
        ({}, {}, "Keep answers short.\n\nTell me what you can do for me"),
        ({"task": "book a room", "answers": "detailed"}, {}, "Keep answers detailed.\n\nThis is what I want"),
        ({"task": "book a room"}, {}, "get done: book a room"),
    ],
)
def test_the_shipped_prompt_introduces_its_user(
    arguments: dict[str, str], claims: dict[str, Any], said: str, shipped: Rig
) -> None:
    introduced = text(get(shipped, "introduce_me", token=shipped.issuer.token(**claims), **arguments))

    assert introduced.startswith("I am logged in to this server as the WorkOS user user_01ALICE, ")
    assert said in introduced
