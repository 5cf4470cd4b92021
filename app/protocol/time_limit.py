"""Work that is ended at its deadline, and left behind if it does not let itself be ended."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias, TypeVar

from app.deadline import Deadline
from app.protocol.reply import LimitReached

logger = logging.getLogger(__name__)

T = TypeVar("T")

GRACE = 0.5
"""Seconds that work has for its `finally` blocks, of the margin that the function keeps."""

Begin: TypeAlias = Callable[..., asyncio.Task[Any]]
_begin: Begin = getattr(asyncio, "eager_task_factory", lambda loop, work: loop.create_task(work))
"""From Python 3.12 on, work that waits for nothing is over at once, without a turn of the loop."""

# The loop itself holds tasks by weak references alone.
_left_behind: set[asyncio.Task[Any]] = set()


class OutOfTime(LimitReached):
    """There is no result."""


class BrokenOff(LimitReached):
    """It cancelled itself: a failure, and told in the same way."""


async def within(
    deadline: Deadline, word: str, start: Callable[[], Coroutine[Any, Any, T]], begin: Begin = _begin
) -> T:
    """What the coroutine returns; `word` is what it is to its caller, such as "tool".

    It is a task of its own, because a task that goes on in spite of its cancellation could not be left.

    Raises:
        OutOfTime: it was ended, left behind, or had no time at all and never began.
        BrokenOff: it was cancelled, and neither for its deadline nor by the host.
    """
    if not deadline.left():
        raise OutOfTime(f"There was no time left for the {word}: nothing was done. Try again.")
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    task: asyncio.Task[T] = begin(loop, _telling(over, start()))
    if task.done() and not task.cancelled():
        return task.result()
    # Only now: what it did so far, up to its first await, is of its time.
    timer = loop.call_later(deadline.left(), _tell, over)
    try:
        await over
        deadline.passed = not task.done()
    finally:
        timer.cancel()
        if not task.done():
            # Here too if the host cancels this exchange.
            task.cancel()
            await asyncio.wait({task}, timeout=GRACE)
    if not task.done():
        _left_behind.add(task)
        task.add_done_callback(_forget)
        logger.error("work left behind", extra={"what": word})  # the exchange's own line says which
        raise OutOfTime(ended(word, deadline, goes_on=True))
    if task.cancelled():
        raise OutOfTime(ended(word, deadline)) if deadline.passed else _broken_off(word)
    return task.result()


async def _telling(over: asyncio.Future[None], work: Coroutine[Any, Any, T]) -> T:
    # What asyncio.wait would do, in fewer turns of the loop: every exchange passes here.
    try:
        return await work
    finally:
        _tell(over)


def _tell(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)


def ended(word: str, deadline: Deadline, *, goes_on: bool = False) -> str:
    """What the caller is told."""
    after = f"after {deadline.seconds:.3g} seconds"
    if goes_on:
        return f"The {word} was given up {after}. It could not be stopped and may still do what it was asked for."
    return f"The {word} was ended {after}. It may have done part of its work."


def _broken_off(word: str) -> BrokenOff:
    logger.error("work cancelled itself", extra={"what": word})
    return BrokenOff(f"The {word} failed unexpectedly. The cause is in the server's log.")


def _forget(task: asyncio.Task[Any]) -> None:
    _left_behind.discard(task)
    if not task.cancelled():
        task.exception()  # seen, or asyncio would log its text later, among another call's lines
