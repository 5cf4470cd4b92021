"""What one step, one question and one message may hold, at the edge of each bound, through the real SDK."""

import asyncio
import json
from typing import Any

import pytest

from app.authoring import ToolError, Work
from app.authoring.step import MAX_FAILURE_CHARACTERS, MAX_KEPT_BYTES
from app.runtime.durable import MAX_PAYLOAD_BYTES
from tests.background import TASKS, BackgroundServer, text
from tests.log import Log

QUOTES = 2
SDK_BATCH_BYTES = 750 * 1024
"""The SDK never sends an operation that is larger, and waits for ever (3.0.0, state.py)."""


def test_a_step_returns_as_much_as_is_kept(server: BackgroundServer) -> None:
    most = MAX_KEPT_BYTES - QUOTES
    assert server.finish("return_in_step", {"characters": most})["result"]["structuredContent"] == {"result": most}

    server.forget()
    said = text(server.finish("return_in_step", {"characters": most + 1})["result"])
    assert said == f"The step long returned {MAX_KEPT_BYTES + 1:,} bytes of JSON, and at most 524,288 can be kept."


def test_a_test_without_an_engine_has_the_same_bound() -> None:
    with pytest.raises(ToolError, match="The step long returned 524,289 bytes"):
        asyncio.run(Work().step("long", lambda: "x" * (MAX_KEPT_BYTES - 1)))


@pytest.mark.broad
def test_no_kept_operation_comes_near_the_limit_of_the_sdk(server: BackgroundServer) -> None:
    server.finish("return_in_step", {"characters": MAX_KEPT_BYTES - QUOTES})
    server.finish("fail_in_step", {"characters": MAX_KEPT_BYTES * 2})
    sizes = [
        len(json.dumps(operation, default=str))
        for execution in server.engine.executions.values()
        for operation in execution.operations.values()
    ]

    assert MAX_KEPT_BYTES < max(sizes) < SDK_BATCH_BYTES - 100 * 1024


def test_the_text_of_a_failure_is_cut(server: BackgroundServer) -> None:
    assert text(server.finish("fail_in_step", {"characters": MAX_FAILURE_CHARACTERS})["result"]) == (
        "x" * MAX_FAILURE_CHARACTERS
    )

    server.forget()
    said = text(server.finish("fail_in_step", {"characters": MAX_FAILURE_CHARACTERS + 1})["result"])
    assert said == "x" * MAX_FAILURE_CHARACTERS + "…"
    assert 12 * MAX_FAILURE_CHARACTERS < MAX_KEPT_BYTES


@pytest.mark.matrix
@pytest.mark.parametrize("characters", [42, 43, MAX_KEPT_BYTES * 2])
def test_messages_and_names_of_steps_are_cut(server: BackgroundServer, characters: int) -> None:
    task = server.finish("say_at_length", {"characters": characters})

    assert text(task["result"]) == "said"
    assert task["statusMessage"] == "ä" * 42
    assert all(len(each["Name"]) <= 256 for each in server.engine.only.operations.values())


def test_a_question_is_as_long_as_can_be_kept(server: BackgroundServer, log: Log) -> None:
    asked = server.begin("ask_at_length", {"characters": 0})["taskId"]
    (request,) = server.get(asked)["inputRequests"].values()
    most = MAX_KEPT_BYTES - len(json.dumps(request))
    server.forget()
    asked = server.begin("ask_at_length", {"characters": most})["taskId"]
    assert server.get(asked)["status"] == "input_required"

    server.forget()
    assert "failed unexpectedly" not in (
        said := text(server.finish("ask_at_length", {"characters": most + 1})["result"])
    )
    assert said == ("The tool failed: a question is 524,289 bytes of JSON, and at most 524,288 can be asked")
    assert "524,289 bytes" in str(log("tool raised"))


def begin_with(server: BackgroundServer, characters: int) -> Any:
    token = server.issuer.token(permissions=[str(characters)])
    return server.rig.call("begin_with_much", capabilities=TASKS, token=token)


def test_what_is_found_before_the_work_begins_is_bounded(server: BackgroundServer, log: Log) -> None:
    assert begin_with(server, MAX_KEPT_BYTES - QUOTES)["resultType"] == "task"
    assert server.engine.only.status == "SUCCEEDED"

    refused = begin_with(server, MAX_KEPT_BYTES - 1)
    assert text(refused) == (
        "The tool failed: before= returned 524,289 bytes of JSON, and at most 524,288 can be kept"
    )
    assert len(server.engine.executions) == 1


@pytest.mark.matrix
@pytest.mark.parametrize(("more", "is_begun"), [(0, True), (1, False)])
def test_arguments_are_as_large_as_lambda_takes(server: BackgroundServer, *, more: int, is_begun: bool) -> None:
    server.begin("build_report", {"title": ""})
    overhead = len(server.engine.only.payload)
    server.forget()
    result = server.rig.call(
        "build_report", {"title": "x" * (MAX_PAYLOAD_BYTES - overhead + more)}, capabilities=TASKS
    )

    assert (result.get("resultType") == "task") is is_begun
    assert len(server.engine.executions) == is_begun
