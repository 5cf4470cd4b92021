"""Work that asks twice at once, gives up on a step, or sleeps for too long."""

from tests.background import BackgroundServer, text
from tests.catalogues.background.tools import together


def test_each_question_of_two_tasks_is_put_once(server: BackgroundServer) -> None:
    task = server.begin("ask_together")
    server.engine.advance(1)

    # SEP-2663, Task Update Requests: a key refers to one request alone.
    assert [each["Type"] for each in server.engine.only.operations.values()] == ["STEP", "CALLBACK"] * 2
    server.answer(task["taskId"], {"action": "accept", "content": {"count": 3}})
    assert len(server.get(task["taskId"])["inputRequests"]) == 1
    server.answer(task["taskId"], {"action": "accept", "content": {"count": 4}})
    server.engine.advance(1)
    assert server.get(task["taskId"])["result"]["structuredContent"] == {"result": [3, 4]}


def test_a_step_that_the_tool_gave_up_is_given_up_in_each_run(server: BackgroundServer) -> None:
    together.runs.clear()

    assert text(server.finish("give_up_step")["result"]) == "gave up"
    assert server.engine.only.invocations == 2
    assert together.runs == ["after"]


def test_a_step_that_cancels_itself_has_an_outcome(server: BackgroundServer) -> None:
    said = text(server.finish("cancel_own_step")["result"])
    assert said == "TimeoutError: step cancelled was cancelled"


def test_a_sleep_ends_with_the_time_of_the_work(server: BackgroundServer) -> None:
    task = server.begin("oversleep")
    server.engine.advance(3601)

    task = server.get(task["taskId"])
    assert task["status"] == "failed"
    assert task["error"]["message"].startswith("The work was ended after 60 minutes, the most that it may take.")
