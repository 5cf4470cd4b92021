"""How many requests a look at work costs: AWS answers 15 for histories a second, to all callers in a Region."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from app.protocol.tasks.history import (
    FIRST_PAGE_EVENTS,
    MAX_REMEMBERED_BYTES,
    MAX_REMEMBERED_WORK,
    PAGE_EVENTS,
    History,
    Memory,
)
from app.protocol.tasks.names import ANSWER, QUESTION
from app.protocol.tasks.operations import MAX_OPERATIONS
from app.protocol.tasks.state import WorkState, read_state
from app.runtime.durable import DurableEngine
from tests.background import PLAIN, BackgroundServer, text
from tests.blocks import ROOT
from tests.catalogues import background_steps

TWO_PAGES = FIRST_PAGE_EVENTS // 2 + 10
"""Steps of work whose history has two pages."""
SURE = {"action": "accept", "content": {"sure": True}}


@pytest.fixture(scope="module")
def shared_server() -> BackgroundServer:
    return BackgroundServer(tools=background_steps)


def begin(server: BackgroundServer, steps: int) -> str:
    """Work that has done its first steps and sleeps for ten minutes."""
    server.engine.is_paused = True
    task_id: str = server.begin("count_around_sleep", {"steps": steps})["taskId"]
    server.engine.is_paused = False
    server.engine.run_due()
    return task_id


def count(server: BackgroundServer) -> tuple[int, int]:
    """The requests since the last count: descriptions, and pages of histories."""
    counted = Counter(server.engine.asked)
    server.engine.asked.clear()
    return counted["get_durable_execution"], counted["get_durable_execution_history"]


@pytest.mark.broad
def test_a_long_history_is_read_once(server: BackgroundServer) -> None:
    task_id = begin(server, TWO_PAGES)
    count(server)

    assert server.get(task_id)["statusMessage"] == "Counting"
    assert count(server) == (1, 2)
    assert server.get(task_id)["statusMessage"] == "Counting"
    assert count(server) == (1, 1)
    assert server.make_environment().call("get_result", {"handle": task_id, "wait_seconds": 0}, capabilities=PLAIN)
    assert count(server) == (1, 2)  # another environment remembers nothing


@pytest.mark.broad
def test_the_longest_work_is_read_in_seven_requests(server: BackgroundServer) -> None:
    task_id = begin(server, MAX_OPERATIONS // 2 - 10)
    server.engine.advance(600)
    count(server)

    assert server.get(task_id)["status"] == "input_required"
    pages = 1 + -(-(len(server.engine.only.events) - FIRST_PAGE_EVENTS) // PAGE_EVENTS)
    assert pages == 7
    assert count(server) == (1, pages + 1)  # and the question
    assert server.get(task_id)["status"] == "input_required"
    assert count(server) == (1, 1)


@pytest.mark.matrix
@pytest.mark.parametrize("steps", [1, TWO_PAGES])
def test_a_wait_asks_as_often_as_the_documents_say(server: BackgroundServer, steps: int) -> None:
    page = ROOT.joinpath("docs/background-operate.md").read_text()
    (callers,) = re.findall(r"about (\d+) callers can\s+wait", page)
    handle = begin(server, steps)
    count(server)

    result = server.rig.call("get_result", {"handle": handle}, capabilities=PLAIN)

    assert result["structuredContent"]["status"] == "working"
    looks, pages = count(server)
    assert (looks, pages) == (9, 9 + (steps > 1))
    assert "nine times in 20 seconds" in page
    assert int(callers) == 15 * 20 // looks // 10 * 10


@pytest.mark.broad
def test_what_happened_between_two_looks_is_read(server: BackgroundServer) -> None:
    task_id = begin(server, TWO_PAGES)
    server.get(task_id)
    server.engine.advance(600)
    count(server)

    task = server.get(task_id)

    assert (task["status"], task["statusMessage"]) == ("input_required", "Counting")
    assert count(server) == (1, 2 + 1)  # more than a page is new, and the question
    assert server.get(task_id)["inputRequests"] == task["inputRequests"]
    assert count(server) == (1, 1)
    server.answer(task_id, SURE)
    assert text(server.get(task_id)["result"]) == "sure"


def test_a_result_costs_one_request(server: BackgroundServer) -> None:
    task_id = begin(server, 1)
    server.engine.advance(600)
    server.answer(task_id, SURE)
    count(server)

    assert text(server.rig.call("get_result", {"handle": task_id}, capabilities=PLAIN)) == "sure"
    assert count(server) == (1, 0)


class Scripted:
    """A Lambda whose work has these events. A page of its history has one of them."""

    def __init__(self, events: Sequence[dict[str, Any]]) -> None:
        self.events = events
        self.pages = 0

    def get_durable_execution(self, **asked: Any) -> dict[str, Any]:
        return {"DurableExecutionName": "work", "Status": "RUNNING", "StartTimestamp": 1}

    def get_durable_execution_history(self, **asked: Any) -> dict[str, Any]:
        self.pages += 1
        place = int(asked.get("Marker") or len(self.events)) - 1
        rest = {"NextMarker": str(place)} if place else {}
        return {"Events": [self.events[place]], **rest}


def write(number: int, kind: str, sub_type: str, **details: Any) -> dict[str, Any]:
    event = {"EventId": number, "EventType": kind, "Id": str(number), "Name": "key", "SubType": sub_type}
    return {**event, "EventTimestamp": number, f"{kind}Details": details}


PUT = write(1, "StepSucceeded", QUESTION, Result={"Payload": json.dumps({"params": {"message": "Sure?"}})})
OTHER = write(2, "WaitStarted", "")
WAITS = write(3, "CallbackStarted", ANSWER, CallbackId="callback")


def look(lambda_: Scripted, memory: Memory) -> WorkState:
    return asyncio.run(read_state(DurableEngine("worker:live", lambda: lambda_), "arn", memory))


def test_a_question_that_was_put_before_the_last_look_and_waits_since_then_is_found() -> None:
    memory = Memory()
    assert look(Scripted([PUT, OTHER]), memory).status == "working"
    found = look(Scripted([PUT, OTHER, WAITS]), memory)

    assert [each.text for each in found.questions.values()] == ["Sure?"]


def test_events_without_a_number_are_all_read_each_time() -> None:
    memory = Memory()
    lambda_ = Scripted([each | {"EventId": 0} for each in (OTHER, OTHER)])
    look(lambda_, memory)
    look(lambda_, memory)

    assert lambda_.pages == 4


def test_an_environment_remembers_little() -> None:
    memory, history = Memory(), History(message=None, updated=None, waiting={}, markers={})
    for number in range(MAX_REMEMBERED_WORK + 1):
        memory.keep(str(number), history, {})
    asks = History(message=None, updated=None, waiting={"key": "callback"}, markers={})
    memory.keep("large", asks, {"key": "x" * MAX_REMEMBERED_BYTES})
    memory.keep("missing", asks, {})

    assert memory.find("0") is None
    assert memory.find("1") is not None
    assert memory.find("large") is memory.find("missing") is None
