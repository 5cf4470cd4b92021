"""An engine that answers slowly, shows an answered question as open for a moment, or new work not at once."""

from dataclasses import dataclass
from typing import Any

import pytest

from infra.local.testing.engine import Engine, Refused
from tests.background import PLAIN, TASKS, BackgroundServer, text
from tests.protocol.asking import Conversation, accept
from tests.rig import Rig


@dataclass
class SlowEngine:
    """Each description of an execution takes so many seconds."""

    engine: Engine
    seconds: float

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def get_durable_execution(self, **parameters: Any) -> dict[str, Any]:
        self.engine.advance(self.seconds)
        return self.engine.get_durable_execution(**parameters)


@dataclass
class LateEngine:
    """Takes answers, and shows them and goes on with the work only after so many seconds."""

    engine: Engine
    seconds: float
    shows_at: float = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def send_durable_execution_callback_success(self, **parameters: Any) -> dict[str, Any]:
        self.shows_at, self.engine.is_paused = self.engine.clock() + self.seconds, True
        return self.engine.send_durable_execution_callback_success(**parameters)

    def get_durable_execution_history(self, **parameters: Any) -> dict[str, Any]:
        page = self.engine.get_durable_execution_history(**parameters)
        if self.engine.clock() < self.shows_at:
            return {
                **page,
                "Events": [each for each in page["Events"] if each["EventType"] != "CallbackSucceeded"],
            }
        return page

    async def sleep(self, seconds: float) -> None:
        await self.engine.sleep(seconds)
        self.engine.is_paused = self.engine.clock() < self.shows_at
        self.engine.run_due()


@dataclass
class ForgetfulEngine:
    """Knows no execution in the looks with these numbers, which begin with 1."""

    engine: Engine
    unknown: range
    looks: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def get_durable_execution(self, **parameters: Any) -> dict[str, Any]:
        self.looks += 1
        if self.looks in self.unknown:
            raise Refused("ResourceNotFoundException", status=404)
        return self.engine.get_durable_execution(**parameters)


def serve(server: BackgroundServer, connection: Any) -> Rig:
    """An environment that reaches the engine in this way."""
    engine = (lambda: connection, connection.sleep)
    return Rig(server.settings, server.issuer, tools=server.tools, engine=engine)


@pytest.mark.parametrize("seconds", [0.5, 4.0])
def test_a_slow_engine_does_not_make_a_call_wait_longer(server: BackgroundServer, seconds: float) -> None:
    rig, began = serve(server, SlowEngine(server.engine, seconds)), server.issuer.clock.now
    result = rig.call("build_report", {"title": "2026"}, capabilities=PLAIN)

    assert result["structuredContent"]["status"] == "working"
    assert 20 - 2 * seconds < server.issuer.clock.now - began <= 20


def test_an_engine_that_is_slower_than_a_caller_waits_is_asked_once(server: BackgroundServer) -> None:
    handle = server.rig.call("build_report", {"title": "2026"}, capabilities=PLAIN)["structuredContent"]["handle"]
    rig, began = serve(server, SlowEngine(server.engine, 2.0)), server.issuer.clock.now
    rig.call("get_result", {"handle": handle, "wait_seconds": 1})

    assert server.issuer.clock.now - began == pytest.approx(2)


def test_what_was_answered_a_moment_ago_is_not_asked_again(server: BackgroundServer) -> None:
    rig = serve(server, LateEngine(server.engine, 3.0))
    handle = rig.call("ask_twice", capabilities=PLAIN)["structuredContent"]["handle"]
    call = Conversation(rig, "get_result", {"handle": handle})
    call.asked()

    assert call.says(accept(sure=True), accept(title="Orders")) == "True Orders"


def test_it_is_still_working_if_the_engine_does_not_show_the_answer_in_time(server: BackgroundServer) -> None:
    rig = serve(server, LateEngine(server.engine, 60.0))
    handle = rig.call("ask_twice", capabilities=PLAIN)["structuredContent"]["handle"]
    call = Conversation(rig, "get_result", {"handle": handle, "wait_seconds": 1})
    call.asked()
    result = call.send(accept(sure=True), accept(title="Orders"))

    assert result["structuredContent"]["status"] == "working"
    assert "goes on in the background" in text(result)


def test_the_other_question_is_asked_again(server: BackgroundServer) -> None:
    rig = serve(server, LateEngine(server.engine, 60.0))
    handle = rig.call("ask_twice", capabilities=PLAIN)["structuredContent"]["handle"]
    call = Conversation(rig, "get_result", {"handle": handle})
    call.asked()

    assert [each["message"] for each in call.asked(accept(sure=True))] == ["Title?"]


def test_a_call_waits_for_work_that_the_engine_does_not_know_yet(server: BackgroundServer) -> None:
    rig = serve(server, ForgetfulEngine(server.engine, range(1, 3)))

    assert rig.call("add_up", {"numbers": [1, 2]}, capabilities=PLAIN)["structuredContent"] == {"result": 3}


def test_new_work_that_the_engine_does_not_know_yet_is_a_task(server: BackgroundServer) -> None:
    rig = serve(server, ForgetfulEngine(server.engine, range(1, 2)))
    task = rig.call("add_up", {"numbers": [1, 2]}, capabilities=TASKS)

    assert task["status"] == "working"
    assert server.get(task["taskId"])["status"] == "completed"


def test_work_that_is_deleted_while_a_call_waits_is_unknown(server: BackgroundServer) -> None:
    handle = server.rig.call("build_report", {"title": "2026"}, capabilities=PLAIN)["structuredContent"]["handle"]
    rig = serve(server, ForgetfulEngine(server.engine, range(2, 99)))
    result = rig.call("get_result", {"handle": handle})

    assert result["isError"]
    assert text(result).startswith("There is no such work.")
