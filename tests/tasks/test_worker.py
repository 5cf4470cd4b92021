"""What the worker does when something goes wrong, and what it never does twice."""

import json
from typing import Any

import pytest

from app.protocol.tasks.outcomes import MAX_RESULT_BYTES
from app.protocol.tasks.running import MAX_STEP_RESULT_BYTES
from infra.local.testing.engine import LIMITS
from infra.local.testing.execution import read_payload
from tests.background import TASKS, BackgroundServer, text
from tests.catalogues.background.tools import reports
from tests.log import Log

LOST = "The work was interrupted in the middle of a step"
NOT_AGAIN = "and is not begun again, because the tool does not allow it."
PARTLY = "It may have done part of what it was asked for."


def test_a_step_runs_once_also_if_the_tool_runs_again(server: BackgroundServer) -> None:
    task = server.finish("build_report", {"title": "2026"})

    assert task["status"] == "completed"
    assert server.engine.only.invocations == 2
    assert reports.runs == ["user_01ALICE"]


@pytest.mark.parametrize("tool", ["die_once", "die_whole"])
def test_an_interrupted_step_fails_the_work(server: BackgroundServer, tool: str) -> None:
    reports.kills.append(server.kill)
    task = server.finish(tool)

    assert task["status"] == "failed"
    assert task["error"]["message"] == f"{LOST} {NOT_AGAIN} {PARTLY}"
    assert reports.runs == ["step"]


def test_an_interrupted_step_of_an_idempotent_tool_runs_again_twice(server: BackgroundServer) -> None:
    reports.kills.extend([server.kill] * 2)
    assert text(server.finish("die_and_live")["result"]) == "done"
    assert reports.runs == ["step"] * 3


def test_a_message_that_was_interrupted_is_said_again(server: BackgroundServer) -> None:
    server.engine.kill_after("START")
    task = server.finish("build_report", {"title": "2026"})

    assert server.engine.only.invocations == 3
    assert (task["status"], task["statusMessage"]) == ("completed", "Writing")


def test_a_question_that_was_interrupted_is_asked_again(server: BackgroundServer) -> None:
    server.engine.kill_after("START")
    task_id = server.begin("ask_twice")["taskId"]
    server.engine.advance(60)

    assert len(server.get(task_id)["inputRequests"]) == 2


@pytest.mark.parametrize(("tool", "times", "said"), [("die_and_live", 3, "2 times"), ("die_twice", 2, "once")])
def test_a_step_that_is_always_interrupted_says_how_often(
    server: BackgroundServer, tool: str, times: int, said: str
) -> None:
    reports.kills.extend([server.kill] * times)
    message = server.finish(tool)["error"]["message"]

    assert message == (
        f"{LOST}. The step was begun again {said}, as often as the tool allows, and was interrupted each time. "
        f"{PARTLY}"
    )
    assert reports.kills == []


def test_a_worker_that_cannot_begin_is_tried_again_a_few_times(server: BackgroundServer) -> None:
    worker, server.engine.worker = server.engine.worker, None

    def die(event: Any, context: Any) -> None:
        raise SystemError

    server.engine.worker = die
    try:
        task = server.finish("add_up", {"numbers": []})
    finally:
        server.engine.worker = worker
    assert server.engine.only.invocations == LIMITS.failed_invocations
    assert (task["status"], task["statusMessage"]) == (
        "failed",
        "The work failed unexpectedly. The cause is in the worker's log.",
    )


def test_a_step_that_fails_says_what_it_may(server: BackgroundServer, log: Log) -> None:
    said = text(server.finish("fail_in_steps")["result"])

    assert said == ("ToolError told; StepFailed step hidden failed; StepFailed step odd failed")
    assert "secret" not in said


def test_a_step_cannot_use_the_work(server: BackgroundServer, log: Log) -> None:
    assert "failed unexpectedly" in text(server.finish("use_work_in_step")["result"])
    assert "a step used the work itself" in str(log("tool raised"))


def test_a_result_that_no_answer_could_hold_is_a_tool_error(server: BackgroundServer) -> None:
    task = server.finish("return_much", {"characters": MAX_RESULT_BYTES})

    assert task["result"]["isError"]
    assert f"at most {MAX_RESULT_BYTES:,} can be returned" in text(task["result"])


def test_a_large_result_is_not_kept_twice(server: BackgroundServer) -> None:
    task = server.finish("return_much", {"characters": MAX_STEP_RESULT_BYTES})

    assert len(text(task["result"])) == MAX_STEP_RESULT_BYTES
    (step,) = server.engine.only.operations.values()
    assert step["StepDetails"]["Result"] == "null"


def test_a_large_result_is_lost_with_the_process(server: BackgroundServer) -> None:
    server.engine.kill_after("SUCCEED")
    task = server.finish("return_much", {"characters": MAX_STEP_RESULT_BYTES})

    assert task["error"]["message"] == (
        "The work is done, but the worker was interrupted before it could give its result back, and the result "
        "was too large to be kept."
    )


def test_a_tool_cannot_catch_what_ends_its_run(server: BackgroundServer) -> None:
    task = server.finish("swallow")

    assert (text(task["result"]), "statusMessage" in task) == ("slept", False)
    assert server.engine.only.invocations == 2


def test_work_is_ended_when_its_time_is_over(server: BackgroundServer) -> None:
    task = server.finish("sleep_long")

    assert "ended after 10 minutes" in task["error"]["message"]


def test_a_question_may_time_out_first(server: BackgroundServer) -> None:
    task_id = server.begin("ask_twice")["taskId"]
    for operation in server.engine.only.operations.values():
        operation["TimesOut"] = server.engine.only.due = server.issuer.clock.now + 60
    server.engine.advance(61)

    assert "Nobody answered the question" in server.get(task_id)["error"]["message"]


def test_the_engine_may_end_work_too(server: BackgroundServer) -> None:
    server.engine.is_paused = True
    task_id = server.begin("add_up", {"numbers": []})["taskId"]
    server.engine.only.end("TIMED_OUT", server.issuer.clock.now)

    assert "took longer than it may" in server.get(task_id)["error"]["message"]


def test_an_invocation_that_is_nearly_over_ends_its_step(server: BackgroundServer) -> None:
    server.engine.context = Nearly()
    try:
        task = server.finish("add_up", {"numbers": []})
    finally:
        server.engine.context = None
    assert "one step may, which is about 14 minutes" in task["error"]["message"]


class Nearly:
    """A context of Lambda without time."""

    aws_request_id = "request-1"
    tenant_id = None

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def test_a_release_without_the_tool_says_so(server: BackgroundServer) -> None:
    server.engine.is_paused = True
    task_id = server.begin("add_up", {"numbers": []})["taskId"]
    payload = {**read_payload(server.engine.only), "tool": "gone"}
    server.engine.only.payload = json.dumps(payload)
    server.engine.is_paused = False
    server.engine.run_due()

    assert server.engine.only.result is not None
    assert "no such tool any more" in server.engine.only.result
    older = server.make_environment()
    older.app.state.work.functions["gone"] = older.app.state.work.functions["add_up"]
    task = older.exchange("tasks/get", {"taskId": task_id}, headers={"mcp-name": task_id}, capabilities=TASKS)
    assert task.json["result"]["status"] == "failed"


def test_an_operation_of_somebody_else_is_named_as_it_is(server: BackgroundServer) -> None:
    from app.protocol.tasks.names import read_name, write_name

    assert read_name('broken "') == 'broken "'
    assert read_name(write_name("ä\x7f😀")) == "ä\x7f😀"
    assert len(write_name("ä" * 300)) <= 256
    assert write_name("") == " "
