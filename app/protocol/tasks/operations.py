"""The operations of a durable execution, for code that runs on an event loop: the SDK's own block their thread."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aws_durable_execution_sdk_python import DurableContext, StepError
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration, StepConfig, StepSemantics
from aws_durable_execution_sdk_python.exceptions import (
    BackgroundThreadError,
    CallbackTimeoutError,
    NonDeterministicExecutionError,
    StepInterruptedError,
    SuspendExecution,
    UnrecoverableError,
)
from aws_durable_execution_sdk_python.lambda_service import OperationStatus, OperationType
from aws_durable_execution_sdk_python.retries import RetryDecision
from aws_durable_execution_sdk_python.serdes import SerDes

from app.current import Slot
from app.protocol.tasks.names import ANSWER, STEP, WHOLE
from app.runtime.loop import Interruption
from app.runtime.threads import in_server_thread

RETRY_PAUSE_SECONDS = 5
"""Between an interruption of a step and its next run."""
MAX_OPERATIONS = 2900
"""Of one execution. AWS Lambda quotas: 3,000, and a step that runs again may count once more."""

_OTHER_ORDER = (
    "an earlier run of this work had something else in this place. Messages, steps, sleeps and questions have to "
    "come in the same order in each run, also after a change of the code; what may come out differently belongs "
    "into a step"
)
_AUTHORS_CODE = StepSemantics.AT_MOST_ONCE_PER_RETRY
"""It may change something elsewhere, so it runs again only if its author allows that.

Messages and questions change nothing, so they are written again after an interruption.
"""

_in_step: Slot[bool] = Slot("step")


class WorkPaused(Interruption):
    """Ends this run of the tool: the work sleeps or waits, was stopped, or the engine failed.

    It is not an Exception, so that an author's `except Exception` does not catch it.
    """


class StepLost(Interruption):
    """A step was interrupted, and may not run again."""


class ResultLost(StepLost):
    """A step is done, but its result was too large to be kept, and the worker ended before it gave it back."""


class OtherOrder(Interruption):
    """The tool did not do what it had done in the same place in an earlier run."""


class WaitedTooLong(Interruption):
    """Nobody answered a question as long as the work may take."""


class Callback(Protocol):
    """A callback of the SDK."""

    def result(self) -> Any:
        """The answer; raises if nobody has given it yet."""


class PlainJson(SerDes[Any]):
    """What steps return as plain JSON: the SDK's own form of it, which also knows dates, is only for the SDK."""

    def serialize(self, value: Any, serdes_context: Any) -> str:
        return json.dumps(value)

    def deserialize(self, data: str, serdes_context: Any) -> Any:
        return json.loads(data)


_ENDS_RUN = (
    *(SuspendExecution, BackgroundThreadError, UnrecoverableError),
    *(NonDeterministicExecutionError, CallbackTimeoutError, StepError),
)
"""What the SDK raises where this run cannot go on."""


class Operations:
    """The operations of one run. Each either is done already and gives its result, or is done now."""

    def __init__(self, context: DurableContext, retries: int, seconds_left: Callable[[], float]) -> None:
        """`retries` is how often an interrupted step runs again; `seconds_left` what the work still has in all."""
        self._context = context
        self._retries = retries
        self._seconds_left = seconds_left
        self._count = 0
        self._lock = asyncio.Lock()
        self._running: set[asyncio.Task[Any]] = set()
        """The step that runs now."""
        self.ended_by: BaseException | None = None
        """What ends this run, once something has: the tool's code may have caught it."""

    async def step(self, name: str, run: Callable[[], Awaitable[Any]], *, sub_type: str = STEP) -> Any:
        """What `run` returns, which JSON must be able to hold. It must not raise an Exception."""
        self._count_one()
        loop = asyncio.get_running_loop()
        config = StepConfig(
            retry_strategy=self._decide_retry,
            step_semantics=_AUTHORS_CODE if sub_type in (STEP, WHOLE) else StepSemantics.AT_LEAST_ONCE_PER_RETRY,
            serdes=PlainJson(),
            sub_type=sub_type,
        )

        def run_on_loop(_: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(self._run_step(run), loop).result()

        return await self._do(lambda: self._context.step(run_on_loop, name=name, config=config))

    async def _run_step(self, run: Callable[[], Awaitable[Any]]) -> Any:
        with _in_step.bound(True):
            task = asyncio.ensure_future(run())
            self._running.add(task)
            try:
                return await task
            finally:
                self._running.discard(task)

    async def sleep(self, seconds: int) -> None:
        """Wait, while nothing runs; no longer than the work may take, so that it ends then."""
        self._count_one()
        duration = Duration(max(1, min(seconds, math.ceil(self._seconds_left()))))
        await self._do(lambda: self._context.wait(duration, name="sleep"))

    async def create_callback(self, name: str) -> Callback:
        """Something that a caller can answer by its name, as long as the work may take."""
        self._count_one()
        config = CallbackConfig(timeout=Duration(max(1, int(self._seconds_left()))), sub_type=ANSWER)
        callback: Callback = await self._do(lambda: self._context.create_callback(name, config))
        return callback

    async def read_callback(self, callback: Callback) -> Any:
        """The answer. Without one, this run ends, and the next one begins when it is there."""
        return await self._do(callback.result)

    def has_unanswered_question(self) -> bool:
        """Whether the time of a question is over, as far as the engine has told this run."""
        return any(
            (each.operation_type, each.status) == (OperationType.CALLBACK, OperationStatus.TIMED_OUT)
            for each in self._context.state.operations.values()
        )

    def end(self, cause: BaseException) -> BaseException:
        """Note what ends this run, and return it."""
        self.ended_by = self.ended_by or cause
        return cause

    def _count_one(self) -> None:
        """Lambda would fail the whole execution, and its message would not name the cause."""
        self._count += 1
        if self._count > MAX_OPERATIONS:
            raise RuntimeError(
                f"the work has more than {MAX_OPERATIONS:,} steps, messages, sleeps and questions (which count "
                "twice), near the 3,000 of Lambda; let a step do several things at once"
            )

    async def _cancel_step(self) -> None:
        """A step is a task of its own, for which a thread of the SDK waits, so it does not end with the tool."""
        for each in tuple(self._running):
            each.cancel()
            await asyncio.wait({each})

    def _decide_retry(self, error: Exception, attempt: int) -> RetryDecision:
        if isinstance(error, StepInterruptedError) and attempt <= self._retries:
            return RetryDecision.retry(Duration(RETRY_PAUSE_SECONDS))
        return RetryDecision.no_retry()

    async def _do(self, operation: Callable[[], Any]) -> Any:
        if _in_step.find():
            raise RuntimeError("a step used the work itself; do that before or after the step")
        # One after the other: the engine finds an operation of an earlier run by its place in their order.
        async with self._lock:
            if self.ended_by is not None:
                raise WorkPaused
            try:
                return await in_server_thread(operation)
            except asyncio.CancelledError:
                await self._cancel_step()
                raise
            except _ENDS_RUN as cause:
                raise self._end_run(cause) from None

    def _end_run(self, cause: BaseException) -> BaseException:
        """What the tool meets in the place of the SDK's own exception."""
        match cause:
            case NonDeterministicExecutionError():
                # Of "... at id='...': name checkpoint='a' current='b'", the part that an author understands.
                difference = str(cause).partition("': ")[2] or str(cause)
                return self.end(OtherOrder(f"{_OTHER_ORDER}: {difference}"))
            case CallbackTimeoutError():
                return self.end(WaitedTooLong())
            case StepError():  # what a step runs never raises, so it was interrupted
                return self.end(StepLost())
        self.end(cause)
        return WorkPaused()
