"""One invocation of the worker: the event that it gets, and what its answer means for the execution."""

import json
from typing import Any, Protocol
from uuid import uuid4

from infra.local.durable.clock import Clock
from infra.local.durable.errors import make_error
from infra.local.durable.execution import Execution
from infra.local.durable.limits import MAX_OPERATION_BYTES, EngineLimits
from infra.local.durable.pages import cut_page, in_milliseconds
from infra.local.durable.store import ExecutionStore
from infra.local.durable.timers import awaits_something
from infra.local.gateway.environment import InvocationFailed

_MAX_IDLE_ANSWERS = 3
"""AWS's emulator invokes again that often after an answer "pending" that waits for nothing."""


class Handler(Protocol):
    async def __call__(self, event: bytes) -> bytes:
        """Invoke the worker once.

        Raises:
            InvocationFailed: if it gave no answer.
        """


async def invoke(
    execution: Execution, handler: Handler, store: ExecutionStore, clock: Clock, limits: EngineLimits
) -> None:
    """Invoke the handler once, and record what came of it."""
    began = clock.now()
    execution.is_invoked, execution.unseen = True, []
    event = json.dumps(_make_event(execution), ensure_ascii=False).encode()
    store.save(execution)
    try:
        answer = json.loads(await handler(event))
        execution.failures = 0
    except InvocationFailed as failure:
        answer = None
        _fail(execution, str(failure), clock.now(), limits)
    execution.is_invoked, execution.token = False, ""
    times = {"StartTimestamp": began, "EndTimestamp": clock.now(), "RequestId": str(uuid4())}
    execution.record("InvocationCompleted", times, clock.now())
    if answer is not None and execution.is_running:
        _apply(execution, answer, clock.now())
    store.save(execution)


def _make_event(execution: Execution) -> dict[str, Any]:
    operations, marker = cut_page(execution.operations)
    return {
        "DurableExecutionArn": execution.arn,
        "CheckpointToken": execution.renew_token(),
        "InitialExecutionState": {
            "Operations": [in_milliseconds(each) for each in operations],
            "NextMarker": marker,
        },
    }


def _fail(execution: Execution, message: str, now: float, limits: EngineLimits) -> None:
    execution.failures += 1
    if execution.failures >= limits.failed_invocations:
        execution.end("FAILED", now, error=make_error("InvocationFailed", message))
        return
    execution.not_before = now + limits.retry
    execution.tell(execution.operations[0])


def _apply(execution: Execution, answer: Any, now: float) -> None:
    match answer:
        case {"Status": "SUCCEEDED"} if _is_small(answer.get("Result")):
            execution.end("SUCCEEDED", now, result=answer.get("Result"))
        case {"Status": "FAILED"}:
            execution.end("FAILED", now, error=answer.get("Error"))
        case {"Status": "PENDING"}:
            _pause(execution, now)
        case _:
            error = make_error(
                "InvalidParameterValueException", "the worker's answer is not one of a durable handler"
            )
            execution.end("FAILED", now, error=error)


def _is_small(result: Any) -> bool:
    return result is None or (isinstance(result, str) and len(result.encode()) <= MAX_OPERATION_BYTES)


def _pause(execution: Execution, now: float) -> None:
    if execution.unseen or awaits_something(execution):
        execution.idle_answers = 0
        return
    execution.idle_answers += 1
    if execution.idle_answers >= _MAX_IDLE_ANSWERS:
        message = "Cannot return PENDING status with no pending operations."
        execution.end("FAILED", now, error=make_error("InvalidParameterValueException", message))
        return
    execution.tell(execution.operations[0])
