"""A worker that does what its input says, one operation after another, with AWS's own SDK."""

import os
import socket
from collections.abc import Callable, Mapping
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_execution
from aws_durable_execution_sdk_python.config import (
    CallbackConfig,
    Duration,
    StepConfig,
    StepSemantics,
)
from aws_durable_execution_sdk_python.retries import RetryDecision

Event = Mapping[str, Any]


@durable_execution
def handler(event: Event, context: DurableContext) -> dict[str, Any]:
    """Each entry of `plan` is an operation: its kind, its name, and what else it needs."""
    return {"done": [_OPERATIONS[kind](event, context, *given) for kind, *given in event["plan"]]}


def run_step(event: Event, context: DurableContext, name: str) -> Any:
    """A step that asks the test what to do: its line is the result. It runs again if it was interrupted."""
    return context.step(lambda _: ask_gate(event, name), name=name)


def run_once(event: Event, context: DurableContext, name: str) -> Any:
    """The same step for what must not run twice."""
    config = StepConfig(
        step_semantics=StepSemantics.AT_MOST_ONCE_PER_RETRY,
        retry_strategy=lambda error, attempt: RetryDecision.no_retry(),
    )
    return context.step(lambda _: ask_gate(event, name), name=name, config=config)


def retry_step(event: Event, context: DurableContext, name: str) -> Any:
    """Fails at its first attempt, and is tried again 7 s later."""

    def attempt(step: StepContext) -> int:
        if step.attempt == 1:
            raise ValueError("the first attempt")
        return step.attempt

    config = StepConfig(retry_strategy=lambda error, attempt: RetryDecision.retry(Duration.from_seconds(7)))
    return context.step(attempt, name=name, config=config)


def wait(event: Event, context: DurableContext, name: str, seconds: int) -> str:
    context.wait(Duration.from_seconds(seconds), name=name)
    return name


def ask(event: Event, context: DurableContext, name: str, seconds: int = 0) -> Any:
    callback = context.create_callback(name=name, config=CallbackConfig(timeout=Duration.from_seconds(seconds)))
    return callback.result()


def grow(event: Event, context: DurableContext, name: str, kilobytes: int) -> int:
    return len(context.step(lambda _: "x" * (kilobytes << 10), name=name))


def fail(event: Event, context: DurableContext, message: str) -> None:
    raise ValueError(message)


def ask_gate(event: Event, name: str) -> str:
    with socket.create_connection(("127.0.0.1", event["gate"])) as connection:
        connection.sendall(f"{name} {os.getpid()}\n".encode())
        return connection.makefile().readline().strip()


_OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "step": run_step,
    "once": run_once,
    "retry": retry_step,
    "wait": wait,
    "ask": ask,
    "grow": grow,
    "fail": fail,
}
