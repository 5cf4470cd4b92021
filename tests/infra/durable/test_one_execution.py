"""One execution with everything, quick enough for every run of the tests. The others have a rule each."""

import json

from tests.infra.durable.running import Start


def test_steps_waits_a_kill_and_a_callback_make_a_result(start: Start) -> None:
    engine = start()
    arn = engine.begin(("step", "orders"), ("wait", "pause", 600), ("ask", "approve"))

    engine.gate.wait_for_step().kill()
    engine.gate.wait_for_step().finish("12 orders")
    engine.terminal.wait_for("asleep")
    engine.clock.advance(601)
    engine.terminal.wait_for("asleep", 2)
    (question,) = engine.read_events(arn, "CallbackStarted")
    callback = question["CallbackStartedDetails"]["CallbackId"]
    engine.aws.send_durable_execution_callback_success(CallbackId=callback, Result=json.dumps("yes").encode())

    assert engine.read_result(arn) == ["12 orders", "pause", '"yes"']
    assert [each["Name"] for each in engine.read_events(arn, "StepSucceeded")] == ["orders"]
    assert len(engine.read_events(arn, "InvocationCompleted")) == 4
