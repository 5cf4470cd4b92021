"""Ends a run of a tool whose work was cancelled meanwhile, also while it awaits something that is not its work.

Lambda does not end the invocation of an execution that is stopped: it only refuses the next checkpoint. So the
worker looks now and then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from app.runtime.durable import EngineUnavailable, ExecutionUnknown
from app.runtime.loop import Interruption

T = TypeVar("T")

FIRST_LOOK_SECONDS = 5.0
"""Most runs are over by then, so they cost no request."""
MAX_LOOK_SECONDS = 60.0
"""Each look waits half as long again as the one before, up to this: AWS counts the requests of an account."""

IsOver = Callable[[], Awaitable[bool]]
Pause = Callable[[float], Awaitable[None]]


class WorkStopped(Interruption):
    """Somebody has ended the work. Nothing that it does or returns now is kept."""


async def run_unless_stopped(run: Coroutine[Any, Any, T], is_over: IsOver, pause: Pause) -> T:
    """What `run` returns. It is cancelled once `is_over` says so.

    Raises:
        WorkStopped: it was.
    """
    task, watch = asyncio.ensure_future(run), asyncio.ensure_future(_wait_for_stop(is_over, pause))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise WorkStopped
    finally:
        task.cancel()
        watch.cancel()
        await asyncio.wait({task, watch})


async def _wait_for_stop(is_over: IsOver, pause: Pause) -> None:
    seconds = FIRST_LOOK_SECONDS
    while True:
        await pause(seconds)
        try:
            if await is_over():
                return
        except (EngineUnavailable, ExecutionUnknown):
            pass  # nobody knows; the next checkpoint will
        seconds = min(seconds * 1.5, MAX_LOOK_SECONDS)
