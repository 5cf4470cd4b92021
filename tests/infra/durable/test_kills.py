"""What becomes of work whose worker is killed, and of work that the engine itself left."""

from pathlib import Path

import pytest

from tests.infra.durable.running import Start

# Each starts a worker at least once, which takes a second.
pytestmark = pytest.mark.broad


def test_an_interrupted_step_runs_again_and_finished_ones_do_not(start: Start) -> None:
    engine = start()
    arn = engine.begin(("step", "first"), ("step", "second"))
    engine.gate.wait_for_step().finish("1")
    engine.gate.wait_for_step().kill()

    again = engine.gate.wait_for_step()
    again.finish("2")

    assert again.name == "second"
    assert engine.read_result(arn) == ["1", "2"]


def test_a_step_that_must_not_run_twice_fails_the_work_instead(start: Start) -> None:
    engine = start()
    arn = engine.begin(("once", "pay"))
    engine.gate.wait_for_step().kill()

    found = engine.wait_for_end(arn)
    assert found["Status"] == "FAILED"
    assert "interrupted" in found["Error"]["ErrorMessage"]


def test_a_worker_that_dies_every_time_fails_the_work(start: Start) -> None:
    engine = start(failed_invocations=3)
    arn = engine.begin(("step", "orders"))
    for _ in range(3):
        engine.gate.wait_for_step().kill()

    found = engine.wait_for_end(arn)
    assert (found["Status"], found["Error"]["ErrorType"]) == ("FAILED", "InvocationFailed")
    assert "signal SIGKILL" in found["Error"]["ErrorMessage"]


def test_the_next_invocation_after_a_failed_one_waits(start: Start) -> None:
    engine = start(retry=5.0)
    arn = engine.begin(("step", "orders"))
    engine.gate.wait_for_step().kill()
    engine.terminal.wait_for("was interrupted and begins again soon")

    engine.clock.advance(5)
    engine.gate.wait_for_step().finish()

    assert engine.read_result(arn) == ["ok"]


def test_an_invocation_over_its_timeout_is_killed(start: Start) -> None:
    engine = start(invocation=0.5, failed_invocations=1)
    arn = engine.begin(("step", "orders"))

    assert "0.5 s" in engine.wait_for_end(arn)["Error"]["ErrorMessage"]


@pytest.mark.parametrize("is_in_mid_step", [True, False])
def test_work_goes_on_after_a_restart_of_the_engine(start: Start, is_in_mid_step: bool) -> None:
    before = start()
    arn = before.begin(("step", "first"), ("wait", "pause", 60), ("step", "second"))
    step = before.gate.wait_for_step()
    if not is_in_mid_step:
        step.finish("1")
        before.terminal.wait_for("asleep")
    before.work.close()
    before.server.stop()
    step.connection.close()

    before.clock.advance(0 if is_in_mid_step else 60)
    engine = start(clock=before.clock)
    if is_in_mid_step:
        engine.gate.wait_for_step().finish("1")
        engine.terminal.wait_for("asleep")
        engine.clock.advance(60)
    engine.gate.wait_for_step().finish("2")

    assert engine.read_result(arn) == ["1", "pause", "2"]
    assert engine.terminal.wait_for("goes on from its last checkpoint")


def test_a_question_survives_a_restart_of_the_engine(start: Start) -> None:
    before = start()
    arn = before.begin(("ask", "approve"))
    before.terminal.wait_for("asleep")
    (question,) = before.read_events(arn, "CallbackStarted")
    before.work.close()
    before.server.stop()

    engine = start(clock=before.clock)
    callback = question["CallbackStartedDetails"]["CallbackId"]
    engine.aws.send_durable_execution_callback_success(CallbackId=callback, Result=b'"yes"')

    assert engine.read_result(arn) == ['"yes"']


def test_work_whose_time_ran_out_meanwhile_is_reported(start: Start) -> None:
    before = start(execution=3600.0)
    arn = before.begin(("ask", "approve"))
    before.terminal.wait_for("asleep")
    before.work.close()
    before.server.stop()

    before.clock.advance(3601)
    engine = start(clock=before.clock)

    assert engine.wait_for_end(arn)["Status"] == "TIMED_OUT"


def test_only_the_developer_may_read_the_files(start: Start, tmp_path: Path) -> None:
    engine = start()
    engine.begin(("ask", "approve"))

    (file,) = tmp_path.joinpath("work").glob("*.json")
    assert file.stat().st_mode & 0o777 == 0o600


def test_changed_code_is_for_the_next_invocation_and_a_running_one_ends_with_the_old(start: Start) -> None:
    engine = start()
    arn = engine.begin(("step", "first"), ("wait", "pause", 60), ("step", "second"))
    old = engine.gate.wait_for_step()

    engine.work.use(engine.variables | {"CHANGED": "1"})
    old.finish("1")
    engine.terminal.wait_for("asleep")
    engine.clock.advance(60)
    new = engine.gate.wait_for_step()
    new.finish("2")

    assert new.pid != old.pid
    assert engine.read_result(arn) == ["1", "pause", "2"]
