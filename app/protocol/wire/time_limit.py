"""Work that is ended at its deadline, and left behind if it does not let itself be ended."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from typing import Any, TypeAlias, TypeVar

from app.protocol.wire.deadline import Deadline
from app.protocol.wire.reply import LimitReached
from app.runtime.loop import begin_now
from app.runtime.threads import AUTHORS, Work, bind_work, end_fork_of

logger = logging.getLogger(__name__)

T = TypeVar("T")

GRACE = 0.5
"""Seconds that work has for its `finally` blocks, of the margin that the function keeps."""

Begin: TypeAlias = Callable[..., asyncio.Task[Any]]

# The loop itself holds tasks by weak references alone.
_left_behind: set[asyncio.Task[Any]] = set()


class OutOfTime(LimitReached):
    """There is no result."""


class BrokenOff(LimitReached):
    """It cancelled itself, or raised what is no Exception: a failure, and told in the same way."""

    def __init__(self, word: str) -> None:
        super().__init__(f"The {word} failed unexpectedly. The cause is in the server's log.")


async def within(
    deadline: Deadline, word: str, start: Callable[[], Coroutine[Any, Any, T]], begin: Begin = begin_now
) -> T:
    """What the coroutine returns; `word` is what it is to its caller, such as "tool".

    It is a task of its own, because a task that goes on in spite of its cancellation could not be left. What it
    begins and leaves behind is its own too, and cannot touch what is not.

    Raises:
        OutOfTime: it was ended, left behind, or had no time at all and never began.
        BrokenOff: it was cancelled, and neither for its deadline nor by the host.
    """
    if not deadline.left():
        raise OutOfTime(f"There was no time left for the {word}: nothing was done. Try again.")
    loop = asyncio.get_running_loop()
    over: asyncio.Future[None] = loop.create_future()
    context, owner = copy_context(), Work(word)
    context.run(bind_work, owner)
    task: asyncio.Task[T] = context.run(begin, loop, _telling(over, word, start()))
    try:
        return await _ended_in_time(deadline, word, task, over)
    finally:
        if threads := AUTHORS.running(owner):
            logger.warning("thread left behind", extra={word: owner.name, "threads": threads})


async def _ended_in_time(deadline: Deadline, word: str, task: asyncio.Task[T], over: asyncio.Future[None]) -> T:
    if task.done() and not task.cancelled():
        return task.result()
    loop = asyncio.get_running_loop()
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


async def _telling(over: asyncio.Future[None], word: str, work: Coroutine[Any, Any, T]) -> T:
    # What asyncio.wait would do, in fewer turns of the loop: every exchange passes here.
    process = os.getpid()
    try:
        return await work
    except (Exception, asyncio.CancelledError):
        raise
    except BaseException as error:
        # Out of the reach of what guards an author's function, such as a text that an exception makes of itself.
        logger.exception("work raised what is no Exception", extra={"what": word})
        raise BrokenOff(word) from error
    finally:
        end_fork_of(process)
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
    return BrokenOff(word)


def _forget(task: asyncio.Task[Any]) -> None:
    _left_behind.discard(task)
    if not task.cancelled():
        task.exception()  # seen, or asyncio would log its text later, among another call's lines
