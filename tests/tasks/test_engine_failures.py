"""An engine that refuses, throttles or does not answer: nothing begins twice, and callers learn when to retry."""

import asyncio
import threading
from typing import Any

import pytest

from app.runtime.durable import MAX_PAYLOAD_BYTES, DurableEngine, EngineUnavailable
from infra.local.testing.engine import FUNCTION, Refused
from tests.background import PLAIN, TASKS, BackgroundServer, text
from tests.log import Log
from tests.rig import Answer

NOTHING = "Background work cannot begin now. Nothing was begun. Try again in 5 seconds."
PERHAPS = "The engine of background work gave no answer. The work may have begun all the same. "
GOES_ON = "The work goes on, but its state cannot be read now. Try again in 5 seconds."


def call(server: BackgroundServer, tool: str, arguments: Any) -> Answer:
    return server.rig.exchange("tools/call", {"name": tool, "arguments": arguments}, capabilities=TASKS)


@pytest.mark.parametrize(
    ("failure", "said", "cause"),
    [
        (Refused("TooManyRequestsException", status=429), NOTHING, "throttled"),
        (Refused("AccessDeniedException", status=403), NOTHING, "denied"),
        (Refused("ResourceNotFoundException", status=404), NOTHING, "missing"),
        (Refused("ValidationException", status=400), NOTHING, "refused"),
        (Refused("ServiceException", status=500), PERHAPS, "unreachable"),
        (OSError(), PERHAPS, "unreachable"),
    ],
)
def test_work_that_cannot_begin(
    server: BackgroundServer, log: Log, failure: Exception, said: str, cause: str
) -> None:
    server.engine.failing["invoke"] = failure
    answer = call(server, "add_up", {"numbers": []})

    assert said in text(answer.json["result"])
    assert answer.json["result"]["isError"]
    assert answer.headers["retry-after"] == "5"
    (line,) = log("exchange")
    assert line["engine"] == cause
    assert server.engine.asked == ["invoke"]


def test_a_function_that_is_not_durable(server: BackgroundServer) -> None:
    async def begin() -> str:
        return await DurableEngine(FUNCTION, Plain).begin("name", {})

    class Plain:
        def invoke(self, **parameters: Any) -> dict[str, Any]:
            return {"StatusCode": 202}

    with pytest.raises(EngineUnavailable) as raised:
        asyncio.run(begin())
    assert raised.value.cause == "not_durable"


def test_arguments_that_are_too_large(server: BackgroundServer) -> None:
    answer = call(server, "build_report", {"title": "x" * MAX_PAYLOAD_BYTES})

    assert "takes 1 MiB at most" in text(answer.json["result"])
    assert server.engine.asked == []


def test_a_state_that_cannot_be_read(server: BackgroundServer) -> None:
    task_id = server.begin("ask_twice")["taskId"]
    server.engine.failing["get_durable_execution"] = Refused("TooManyRequestsException")
    answer = server.ask("tasks/get", task_id)
    result = server.rig.call("get_result", {"handle": task_id})

    assert answer.json["error"] == {"code": -32603, "message": GOES_ON}
    assert text(result) == GOES_ON


@pytest.mark.parametrize("operation", ["get_durable_execution", "get_durable_execution_history"])
def test_a_look_that_is_refused_is_not_work_that_is_gone(
    server: BackgroundServer, log: Log, operation: str
) -> None:
    task_id = server.begin("ask_twice")["taskId"]
    server.engine.failing[operation] = Refused("InvalidParameterValueException", "Invalid MaxItems")
    answer = server.ask("tasks/get", task_id)
    server.engine.failing[operation] = Refused("ResourceNotFoundException", status=404)
    gone = server.ask("tasks/get", task_id)

    assert answer.json["error"] == {"code": -32603, "message": GOES_ON}
    (line,) = log("Lambda refused what background work needs")
    assert line["code"] == "InvalidParameterValueException"
    assert gone.json["error"]["code"] == -32602


def test_a_beginning_whose_state_cannot_be_read_still_gives_its_handle(server: BackgroundServer) -> None:
    server.engine.failing["get_durable_execution"] = Refused("TooManyRequestsException")
    plain = server.rig.call("build_report", {"title": "2026"}, capabilities=PLAIN)
    task = server.begin("build_report", {"title": "2026"})
    server.engine.failing.clear()

    assert server.get(plain["structuredContent"]["handle"])["status"] == "working"
    assert server.get(task["taskId"])["status"] == "working"


@pytest.mark.broad
@pytest.mark.parametrize("capabilities", [PLAIN, TASKS])
def test_a_beginning_gives_its_handle_in_time_while_the_engine_says_nothing(
    server: BackgroundServer, capabilities: dict[str, Any]
) -> None:
    server.engine.holding["get_durable_execution"] = answers = threading.Event()
    rig = server.make_environment(tool_seconds=3.0)  # so it waits two real seconds for the engine

    result = rig.call("build_report", {"title": "2026"}, capabilities=capabilities)

    answers.set()
    handle = result["taskId"] if capabilities is TASKS else result["structuredContent"]["handle"]
    assert server.get(handle)["status"] == "working"


@pytest.mark.parametrize("operation", ["stop_durable_execution", "send_durable_execution_callback_success"])
def test_an_engine_that_does_not_take_it(server: BackgroundServer, operation: str) -> None:
    task_id = server.begin("ask_twice")["taskId"]
    keys = server.get(task_id)["inputRequests"]
    server.engine.failing[operation] = OSError()
    if operation == "stop_durable_execution":
        answer = server.ask("tasks/cancel", task_id)
        assert text(server.rig.call("cancel_work", {"handle": task_id})) == GOES_ON
    else:
        answer = server.ask("tasks/update", task_id, inputResponses={key: {"action": "cancel"} for key in keys})

    assert answer.json["error"] == {"code": -32603, "message": GOES_ON}


def test_an_answer_that_comes_too_late_changes_nothing(server: BackgroundServer) -> None:
    task_id = server.begin("ask_twice")["taskId"]
    keys = server.get(task_id)["inputRequests"]
    server.engine.failing["send_durable_execution_callback_success"] = Refused("CallbackTimeoutException")
    answer = server.ask("tasks/update", task_id, inputResponses={key: {"action": "cancel"} for key in keys})

    assert answer.status == 200
