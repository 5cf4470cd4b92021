"""Executions with AWS's own SDK in the worker, and boto3 in front."""

import pytest
from botocore.exceptions import ClientError

from infra.local.durable import WORKER_FUNCTION
from tests.infra.durable.running import Start

# Each starts a worker, which takes a second.
pytestmark = pytest.mark.broad


def test_a_name_is_one_execution(start: Start) -> None:
    engine = start()
    first = engine.begin(("step", "a"), name="same")
    again = engine.begin(("step", "a"), name="same")
    with pytest.raises(ClientError) as refused:
        engine.begin(("step", "b"), name="same")
    engine.gate.wait_for_step().finish()

    assert first == again
    assert engine.read_result(first) == ["ok"]
    assert refused.value.response["Error"]["Code"] == "DurableExecutionAlreadyStartedException"
    (listed,) = engine.aws.list_durable_executions_by_function(FunctionName=WORKER_FUNCTION)["DurableExecutions"]
    assert listed["DurableExecutionArn"] == first


def test_a_step_is_tried_again_when_its_time_has_come(start: Start) -> None:
    engine = start()
    arn = engine.begin(("retry", "flaky"))

    engine.terminal.wait_for("asleep")
    engine.clock.advance(7)

    assert engine.read_result(arn) == [2]
    (failed,) = engine.read_events(arn, "StepFailed")
    assert failed["StepFailedDetails"]["RetryDetails"] == {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 7}


def test_a_handler_that_raises_makes_a_failed_execution(start: Start) -> None:
    engine = start()
    arn = engine.begin(("fail", "no such order"))

    found = engine.wait_for_end(arn)
    assert (found["Status"], found["Error"]["ErrorType"]) == ("FAILED", "ValueError")
    assert found["Error"]["ErrorMessage"] == "no such order"


def test_a_callback_that_nobody_answers_expires(start: Start) -> None:
    engine = start()
    arn = engine.begin(("ask", "approve", 60))

    engine.terminal.wait_for("asleep")
    (question,) = engine.read_events(arn, "CallbackStarted")
    engine.clock.advance(61)

    assert engine.wait_for_end(arn)["Status"] == "FAILED"
    assert engine.read_events(arn, "CallbackTimedOut")
    with pytest.raises(ClientError, match="CallbackTimeoutException"):
        engine.aws.send_durable_execution_callback_success(
            CallbackId=question["CallbackStartedDetails"]["CallbackId"], Result=b"1"
        )


def test_the_terminal_says_once_and_with_a_short_name_that_work_sleeps(start: Start) -> None:
    engine = start()
    arn = engine.begin(("ask", "approve"), name="0123456789abcdef0123456789abcdef")

    engine.terminal.wait_for("asleep")
    (question,) = engine.read_events(arn, "CallbackStarted")
    callback = question["CallbackStartedDetails"]["CallbackId"]
    # The engine looks whether anything is due, and the work sleeps on.
    engine.aws.send_durable_execution_callback_heartbeat(CallbackId=callback)
    assert engine.read(arn)["Status"] == "RUNNING"
    engine.aws.send_durable_execution_callback_success(CallbackId=callback, Result=b"1")

    assert engine.read_result(arn) == ["1"]
    assert [line for line in engine.terminal.lines if line.startswith("work ")] == [
        "work 0123456789abcdef0123… is asleep",
        "work 0123456789abcdef0123… ended after 0.0 s",
    ]


def test_whoever_waits_for_more_of_ended_work_reads_what_was_said(start: Start) -> None:
    engine = start()
    engine.wait_for_end(engine.begin(("fail", "no such order")))

    with pytest.raises(AssertionError, match=r"no such line.*work work-1 failed after 0\.0 s: no such order"):
        engine.terminal.wait_for("no such line")
    with pytest.raises(AssertionError, match=r"no step began: .*failed after"):
        engine.gate.wait_for_step()


def test_a_refused_callback_is_an_error_in_the_worker(start: Start) -> None:
    engine = start()
    arn = engine.begin(("ask", "approve"))

    engine.terminal.wait_for("asleep")
    (question,) = engine.read_events(arn, "CallbackStarted")
    engine.aws.send_durable_execution_callback_failure(
        CallbackId=question["CallbackStartedDetails"]["CallbackId"], Error={"ErrorMessage": "declined"}
    )

    assert "declined" in engine.wait_for_end(arn)["Error"]["ErrorMessage"]


def test_a_stopped_execution_hears_of_it_at_its_next_checkpoint(start: Start) -> None:
    engine = start()
    arn = engine.begin(("step", "first"), ("step", "second"))
    step = engine.gate.wait_for_step()

    stopped = engine.aws.stop_durable_execution(DurableExecutionArn=arn, Error={"ErrorMessage": "cancelled"})
    step.finish()

    found = engine.wait_for_end(arn)
    assert (found["Status"], found["Error"]["ErrorMessage"]) == ("STOPPED", "cancelled")
    assert found["EndTimestamp"] == stopped["StopTimestamp"]
    # To stop what has ended changes nothing.
    assert engine.aws.stop_durable_execution(DurableExecutionArn=arn)["StopTimestamp"] == stopped["StopTimestamp"]
    assert engine.read_events(arn, "StepSucceeded") == []


def test_the_execution_timeout_ends_what_only_waits(start: Start) -> None:
    engine = start(execution=3600.0)
    arn = engine.begin(("ask", "approve"))

    engine.terminal.wait_for("asleep")
    engine.clock.advance(3601)

    assert engine.wait_for_end(arn)["Status"] == "TIMED_OUT"


def test_state_over_a_page_is_fetched(start: Start) -> None:
    engine = start()
    arn = engine.begin(*(("grow", f"part {number}", 600) for number in range(10)), ("wait", "pause", 1))

    engine.terminal.wait_for("asleep")
    engine.clock.advance(1)

    assert engine.read_result(arn) == [*[600 << 10] * 10, "pause"]


def test_the_history_comes_in_pages_and_without_data(start: Start) -> None:
    engine = start()
    arn = engine.begin(("step", "orders"))
    engine.gate.wait_for_step().finish("secret")
    engine.wait_for_end(arn)

    newest = engine.aws.get_durable_execution_history(DurableExecutionArn=arn, ReverseOrder=True, MaxItems=1)
    following = engine.aws.get_durable_execution_history(
        DurableExecutionArn=arn, ReverseOrder=True, Marker=newest["NextMarker"]
    )
    bare = engine.aws.get_durable_execution_history(DurableExecutionArn=arn, IncludeExecutionData=False)
    compact = engine.aws.get_durable_execution(DurableExecutionArn=arn, IncludeExecutionData=False)

    assert [each["EventType"] for each in newest["Events"]] == ["ExecutionSucceeded"]
    assert following["Events"][-1]["EventType"] == "ExecutionStarted"
    assert "secret" not in str(bare["Events"])
    assert "Result" not in compact


def test_an_ended_execution_is_forgotten_after_its_retention(start: Start) -> None:
    engine = start(retention=3600.0)
    arn = engine.begin(("wait", "pause", 1))
    engine.terminal.wait_for("asleep")
    engine.clock.advance(1)
    engine.wait_for_end(arn)

    engine.clock.advance(3601)

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        engine.read(arn)
