"""Work of a thousand steps: its message and its questions are found in a history of thousands of events."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from app.protocol.tasks.history import FIRST_PAGE_EVENTS, MAX_DATA_PAGES, MAX_PAGES, read_history, read_requests
from app.protocol.tasks.names import ANSWER, QUESTION
from app.protocol.tasks.operations import MAX_OPERATIONS, Operations
from app.runtime.durable import DurableEngine
from tests.background import BackgroundServer, text
from tests.catalogues import background_steps

SURE = {"action": "accept", "content": {"sure": True}}
HOW_MANY = pytest.mark.parametrize("steps", [FIRST_PAGE_EVENTS // 2 + 10, 1000])


@pytest.fixture(scope="module")
def shared_server() -> BackgroundServer:
    return BackgroundServer(tools=background_steps)


def answer_while_paused(server: BackgroundServer, task_id: str) -> None:
    """Answer the open questions, and let the worker run only afterwards: a caller waits some seconds at most."""
    server.engine.is_paused = True
    server.answer(task_id, SURE)
    server.engine.is_paused = False
    server.engine.run_due()


@HOW_MANY
@pytest.mark.matrix
def test_a_question_is_found_that_is_older_than_all_steps(server: BackgroundServer, steps: int) -> None:
    task_id = server.begin("ask_around_steps", {"steps": steps})["taskId"]
    answer_while_paused(server, task_id)
    assert len(server.engine.only.events) > 2 * steps
    server.engine.asked.clear()

    task = server.get(task_id)

    assert task["status"] == "input_required"
    (request,) = task["inputRequests"].values()
    assert request["params"]["message"] == "Second?"
    # Two or three pages without data, and of them again what has the question.
    assert Counter(server.engine.asked)["get_durable_execution_history"] <= 3 + 6
    answer_while_paused(server, task_id)
    assert text(server.get(task_id)["result"]) == "both"


@pytest.mark.broad
@HOW_MANY
@pytest.mark.matrix
def test_a_message_that_is_older_than_all_steps_is_still_shown(server: BackgroundServer, steps: int) -> None:
    server.engine.is_paused = True
    task_id = server.begin("count_up", {"steps": steps})["taskId"]
    server.engine.is_paused = False
    server.engine.run_due()

    task = server.get(task_id)

    assert (task["status"], task["statusMessage"]) == ("completed", "Counting")
    assert task["result"]["structuredContent"] == {"result": sum(range(steps))}


class Endless:
    """A Lambda whose history always has one more page, and whose data is gone."""

    def __init__(self) -> None:
        self.pages = 0

    def get_durable_execution_history(self, **asked: Any) -> dict[str, Any]:
        self.pages += 1
        put = {"EventType": "StepSucceeded", "Id": "1", "Name": "key", "SubType": QUESTION, "EventTimestamp": 1}
        details = {"CallbackId": "callback"}
        waits = {"EventType": "CallbackStarted", "Id": "2", "Name": "key", "SubType": ANSWER, "EventTimestamp": 2}
        return {"Events": [waits | {"CallbackStartedDetails": details}, put], "NextMarker": str(self.pages)}


def test_reading_ends_even_if_the_history_does_not() -> None:
    lambda_ = Endless()
    engine = DurableEngine("worker:live", lambda: lambda_)

    async def read() -> dict[str, Any]:
        history = await read_history(engine, "arn", is_over=False)
        assert (history.waiting, lambda_.pages) == ({"key": "callback"}, MAX_PAGES)
        return await read_requests(engine, "arn", history)

    assert asyncio.run(read()) == {}
    assert lambda_.pages == MAX_PAGES * (1 + MAX_DATA_PAGES)


class Uncounted:
    """A durable context that does what it is asked."""

    def wait(self, duration: Any, name: str) -> None: ...


def test_work_of_more_operations_than_lambda_has_is_told_what_to_do() -> None:
    async def sleep_on() -> None:
        context: Any = Uncounted()
        operations = Operations(context, 0, lambda: 60.0)
        for _ in range(MAX_OPERATIONS):
            await operations.sleep(1)
        with pytest.raises(RuntimeError, match="let a step do several things at once"):
            await operations.sleep(1)

    asyncio.run(sleep_on())
