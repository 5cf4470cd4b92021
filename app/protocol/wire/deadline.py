"""When the current call has to be over, so that its caller still gets an answer; and work that is ended then.

Work that does not let itself be ended is left behind: the answer does not wait for it.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Coroutine, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from app.current import Slot
from app.protocol.wire.errors import LimitReached
from app.runtime.loop import begin_now
from app.runtime.threads import AUTHORS, Work, bind_work, end_fork_of

logger = logging.getLogger(__name__)

T = TypeVar("T")

MARGIN_SECONDS = 1.0
"""What the function keeps to end what runs, to answer, and to write its records."""
MAX_EXCHANGE_SECONDS = 29.0 - MARGIN_SECONDS
"""API Gateway gives up after 30 seconds, counted from before the function starts."""
GRACE_SECONDS = 0.5
"""What work has for its `finally` blocks once it is cancelled; a part of the margin."""

BeginTask: TypeAlias = Callable[..., asyncio.Task[Any]]

# The loop itself holds tasks by weak references alone.
_left_behind: set[asyncio.Task[Any]] = set()


@dataclass(slots=True)
class Deadline:
    """When one exchange has to be over."""

    seconds: float
    """The time that it had when it began."""
    at: float
    """In seconds of the monotonic clock. Lambda never freezes a process in the middle of a call."""
    passed: bool = False
    """Set by the code that cancels the call for it. Any other cancellation is the host's."""

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """So many seconds from now."""
        return cls(seconds, time.monotonic() + seconds)

    @classmethod
    def from_scope(cls, scope: Mapping[str, Any], max_seconds: float) -> "Deadline":
        """Before Lambda ends the function, whose context Mangum puts into the ASGI scope.

        Without that context, or with more time than `max_seconds`, it is so many seconds from now.
        """
        remaining = getattr(scope.get("aws.context"), "get_remaining_time_in_millis", None)
        return cls.after(
            max_seconds if remaining is None else min(max_seconds, remaining() / 1000 - MARGIN_SECONDS)
        )

    def seconds_left(self) -> float:
        """Never below 0."""
        return max(0.0, self.at - time.monotonic())


current_deadline: Slot[Deadline] = Slot("deadline")


class DeadlinePassed(LimitReached):
    """The work was ended or left behind, or never began. There is no result."""


class WorkBroken(LimitReached):
    """The work cancelled itself, or raised a BaseException that is not an Exception."""

    def __init__(self, noun: str) -> None:
        super().__init__(f"The {noun} failed unexpectedly. The cause is in the server's log.")


async def run_until(
    deadline: Deadline, noun: str, start: Callable[[], Coroutine[Any, Any, T]], begin: BeginTask = begin_now
) -> T:
    """What the coroutine returns; `noun` is what its caller knows it as, such as "tool".

    It runs as a task of its own, because a task that ignores its cancellation has to be left behind. Tasks and
    threads that it starts belong to it.

    Raises:
        DeadlinePassed: it was ended or left behind, or it had no time at all and never began.
        WorkBroken: it was cancelled, but neither for its deadline nor by the host.
    """
    if not deadline.seconds_left():
        raise DeadlinePassed(f"There was no time left for the {noun}: nothing was done. Try again.")
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    context, owner = copy_context(), Work(noun)
    context.run(bind_work, owner)
    task: asyncio.Task[T] = context.run(begin, loop, _announce_end(over, noun, start()))
    try:
        return await _wait_until(deadline, noun, task, over)
    finally:
        if threads := AUTHORS.running(owner):
            logger.warning("thread left behind", extra={noun: owner.name, "threads": threads})


async def _wait_until(deadline: Deadline, noun: str, task: asyncio.Task[T], over: asyncio.Future[None]) -> T:
    if task.done() and not task.cancelled():
        return task.result()
    # The timer starts only now, and yet it counts what the task did up to its first await: `at` is fixed.
    timer = asyncio.get_running_loop().call_later(deadline.seconds_left(), _set_over, over)
    try:
        await over
        deadline.passed = not task.done()
    finally:
        timer.cancel()
        if not task.done():
            # Also where the host cancels this exchange.
            task.cancel()
            await asyncio.wait({task}, timeout=GRACE_SECONDS)
    if not task.done():
        _leave_behind(task, noun)
        raise DeadlinePassed(describe_timeout(noun, deadline, goes_on=True))
    if task.cancelled():
        raise _explain_cancellation(noun, deadline)
    return task.result()


async def _announce_end(over: asyncio.Future[None], noun: str, work: Coroutine[Any, Any, T]) -> T:
    # As asyncio.wait would do, in fewer turns of the loop: every exchange passes here.
    process = os.getpid()
    try:
        return await work
    except (Exception, asyncio.CancelledError):
        raise
    except BaseException as error:
        # The handlers catch it around an author's function. It gets here from code outside of that, such as an
        # exception's __str__.
        logger.exception("work raised what is no Exception", extra={"what": noun})
        raise WorkBroken(noun) from error
    finally:
        end_fork_of(process)
        _set_over(over)


def _set_over(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)


def describe_timeout(noun: str, deadline: Deadline, *, goes_on: bool = False) -> str:
    """The text for the caller; `goes_on` says that the work could not be stopped."""
    after = f"after {deadline.seconds:.3g} seconds"
    if goes_on:
        return f"The {noun} was given up {after}. It could not be stopped and may still do what it was asked for."
    return f"The {noun} was ended {after}. It may have done part of its work."


def _explain_cancellation(noun: str, deadline: Deadline) -> LimitReached:
    if deadline.passed:
        return DeadlinePassed(describe_timeout(noun, deadline))
    logger.error("work cancelled itself", extra={"what": noun})
    return WorkBroken(noun)


def _leave_behind(task: asyncio.Task[Any], noun: str) -> None:
    _left_behind.add(task)
    task.add_done_callback(_forget)
    logger.error("work left behind", extra={"what": noun})  # the line of the exchange says which tool it was


def _forget(task: asyncio.Task[Any]) -> None:
    _left_behind.discard(task)
    if not task.cancelled():
        task.exception()  # retrieved, or asyncio would log its text later, between another call's lines
