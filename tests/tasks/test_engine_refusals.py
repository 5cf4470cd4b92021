"""The engine of tests refuses what Lambda refuses, with the same codes as that of `make dev`."""

from typing import Any

import pytest

from infra.local.durable.limits import MAX_CALLBACK_BYTES, MAX_EVENT_BYTES, MAX_OPERATION_BYTES
from infra.local.testing.engine import FUNCTION, Engine, Refused
from infra.local.testing.execution import Execution

INVALID, TOO_LARGE = "InvalidParameterValueException", "RequestTooLargeException"
STEP = {"Id": "1", "Type": "STEP", "Action": "START"}
QUESTION = {"Id": "2", "Type": "CALLBACK", "Action": "START", "CallbackOptions": {"TimeoutSeconds": 60}}


def begin(engine: Engine, name: str = "one", payload: bytes = b"{}") -> Execution:
    engine.invoke(FunctionName=FUNCTION, InvocationType="Event", DurableExecutionName=name, Payload=payload)
    return engine.only


def report(engine: Engine, *updates: dict[str, Any]) -> None:
    given = {"DurableExecutionArn": engine.only.arn, "CheckpointToken": engine.only.token}
    engine.checkpoint_durable_execution(**given, Updates=updates)


@pytest.fixture
def engine() -> Engine:
    return Engine(lambda: 0.0, lambda seconds: None, is_paused=True)


@pytest.mark.parametrize(
    ("name", "payload", "code"),
    [
        ("two words", b"{}", INVALID),
        ("n" * 65, b"{}", INVALID),
        ("one", b"{", INVALID),
        ("one", b" " * (MAX_EVENT_BYTES + 1), TOO_LARGE),
    ],
)
def test_what_cannot_begin_is_refused(engine: Engine, name: str, payload: bytes, code: str) -> None:
    with pytest.raises(Refused, match=code):
        begin(engine, name, payload)

    assert engine.executions == {}


@pytest.mark.parametrize(
    "update",
    [
        {**STEP, "Action": "CANCEL"},
        {**STEP, "Action": "SUCCEED", "Payload": "x" * (MAX_OPERATION_BYTES + 1)},
        {"Id": "3", "Type": "CHAINED_INVOKE", "Action": "START"},
    ],
)
def test_an_update_that_lambda_does_not_take_is_refused(engine: Engine, update: dict[str, Any]) -> None:
    begin(engine)
    report(engine, STEP)

    with pytest.raises(Refused, match=INVALID):
        report(engine, update)


def test_what_has_ended_does_not_change_any_more(engine: Engine) -> None:
    begin(engine)
    report(engine, STEP, {**STEP, "Action": "SUCCEED", "Payload": "1"})

    with pytest.raises(Refused, match="has ended already"):
        report(engine, {**STEP, "Action": "FAIL"})


def test_an_answer_over_a_mebibyte_is_refused_and_the_question_stays_open(engine: Engine) -> None:
    begin(engine)
    report(engine, QUESTION)
    question = engine.only.operations["2"]

    with pytest.raises(Refused, match=TOO_LARGE):
        engine.send_durable_execution_callback_success(
            CallbackId=question["CallbackDetails"]["CallbackId"], Result=b"x" * (MAX_CALLBACK_BYTES + 1)
        )

    assert question["Status"] == "STARTED"
