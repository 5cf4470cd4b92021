"""Tools that do not end by themselves, and what became of them."""

import asyncio
import threading

from app.authoring import CurrentCall, ToolError, tool

events: list[str] = []
"""What happened, in order."""
released = threading.Event()
clinging: list[asyncio.Task[None]] = []


@tool()
async def waits(call: CurrentCall) -> str:
    """Wait, and clean up."""
    try:
        await call.progress(1, message="waiting")
        await asyncio.Event().wait()
    finally:
        events.append("cleaned up")
    return "unreachable"


@tool()
async def saves(call: CurrentCall, raises: bool = False) -> str:
    """Give what there is when the time is over."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        if raises:
            raise ToolError("3 of 10 are done: go on with the 4th") from None
    return f"3 of 10, {call.time_left()} left"


@tool()
async def clings(call: CurrentCall, raises: bool = False) -> str:
    """Go on whatever happens."""
    task: asyncio.Task[None] | None = asyncio.current_task()
    assert task is not None
    clinging.append(task)
    while not released.is_set():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await call.progress(1)
            events.append("ignored")
    if raises:
        raise ZeroDivisionError
    return "at last"


@tool()
def blocks() -> str:
    """Wait in a thread."""
    released.wait(20)
    events.append("finished all the same")
    return "too late"


@tool()
async def asks_the_time(call: CurrentCall) -> float:
    """Say how many seconds are left."""
    events.append("ran")
    return call.time_left()
