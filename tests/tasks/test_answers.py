"""Answers to the questions of work: the right ones, and those that would end it for nothing."""

from typing import Any

import pytest

from app.authoring.step import MAX_KEPT_BYTES
from tests.background import PLAIN, BackgroundServer, text
from tests.log import Log

AT = "2026-12-01T10:00:00Z"


def ask(server: BackgroundServer) -> tuple[str, str]:
    """Begin work that asks for a meeting; its handle and the key of its question."""
    task_id = server.begin("ask_meeting")["taskId"]
    server.engine.advance(1)
    (key,) = server.get(task_id)["inputRequests"]
    return task_id, key


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"at": 5}, "at: should be text"),
        ({"at": "noon"}, "at: should be a date and time, such as"),
        ({"at": AT, "day": "tomorrow"}, "day: should be a date, as YYYY-MM-DD"),
        ({"at": AT, "page": "example"}, "page: should be a URL"),
        ({}, "at: is required"),
        (None, "at: is required"),
        ({"at": AT, "times": "many"}, "times: should be a whole number"),
        ({"at": AT, "note": "x" * MAX_KEPT_BYTES}, "at most 524,288 can be kept"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_the_question_stays(
    server: BackgroundServer, content: Any, said: str
) -> None:
    task_id, key = ask(server)
    given = {key: {"action": "accept", "content": content}}
    error = server.ask("tasks/update", task_id, inputResponses=given).json["error"]

    assert (error["code"], said in error["message"]) == (-32602, True)
    assert error["message"].endswith(". The question stays open.")
    assert list(server.get(task_id)["inputRequests"]) == [key]
    server.answer(task_id, {"action": "accept", "content": {"at": AT}})
    assert text(server.get(task_id)["result"]) == "10:00 1 None"


@pytest.mark.matrix
@pytest.mark.parametrize(
    "content",
    [
        {"at": "2026-12-01T10:00", "note": None, "page": "https://example.com"},
        {"at": AT, "day": "2026-12-01", "more": 1},
    ],
)
def test_what_the_model_reads_is_not_refused(server: BackgroundServer, content: dict[str, Any]) -> None:
    task_id, _ = ask(server)
    server.answer(task_id, {"action": "accept", "content": content})

    assert text(server.get(task_id)["result"]) == "10:00 1 None"


@pytest.mark.parametrize("megabytes", [0, 2])
def test_what_was_refused_is_in_no_text_and_in_no_log(server: BackgroundServer, log: Log, megabytes: int) -> None:
    task_id, key = ask(server)
    content = {"at": "hunter2", "times": "hunter2", "hunter2": "x" * megabytes * 1024 * 1024}
    given = {key: {"action": "accept", "content": content}}
    answer = server.ask("tasks/update", task_id, inputResponses=given)

    assert "The question stays open." in answer.text
    assert "hunter2" not in answer.text
    assert log("exchange")
    assert "hunter2" not in str(log())


def test_what_only_a_validator_of_the_model_refuses_ends_the_work(server: BackgroundServer) -> None:
    task_id, _ = ask(server)
    server.answer(task_id, {"action": "accept", "content": {"at": AT, "times": 2}})

    result = server.get(task_id)["result"]
    assert result["isError"]
    assert text(result) == "The user's answer does not fit what was asked for. times: must be odd"


def test_nothing_is_given_if_one_of_two_answers_does_not_fit(server: BackgroundServer) -> None:
    task_id = server.begin("ask_together")["taskId"]
    server.engine.advance(1)
    first, second = server.get(task_id)["inputRequests"]
    fits, fits_not = ({"action": "accept", "content": {"count": each}} for each in (3, "many"))
    server.ask("tasks/update", task_id, inputResponses={first: fits, second: fits_not})

    assert list(server.get(task_id)["inputRequests"]) == [first, second]


def test_get_result_refuses_it_too(server: BackgroundServer) -> None:
    handle, key = ask(server)
    answers = {key: {"action": "accept", "content": {"at": 5}}}
    said = server.rig.exchange(
        "tools/call",
        {"name": "get_result", "arguments": {"handle": handle}, "inputResponses": answers},
        capabilities=PLAIN,
    ).json["result"]

    assert said["isError"]
    assert text(said) == (
        "The user's answer does not fit what was asked for. at: should be text. The question stays open. Call "
        "get_result with this handle again, and it asks the user."
    )
