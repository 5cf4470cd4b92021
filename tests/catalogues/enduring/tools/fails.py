"""Tools that do not end well, in every way that costs something."""

import asyncio
import sys
import time

from app.authoring import CurrentCall, ToolError, anyone, tool


async def quits() -> None:
    sys.exit(3)


@tool(requires=anyone())
async def refuses() -> str:
    """Fail, and say so."""
    raise ToolError("Not today.")


@tool(requires=anyone())
async def raises(text: str = "") -> str:
    """Fail unexpectedly."""
    raise ValueError(text)


@tool(requires=anyone())
async def exits_in_a_task() -> str:
    """Take the function for a program, in a task."""
    await asyncio.gather(quits())
    return "unreachable"


@tool(requires=anyone())
async def waits(call: CurrentCall) -> str:
    """Never end."""
    await call.progress(1, message="waiting")
    await asyncio.Event().wait()
    return "unreachable"


@tool(requires=anyone())
def sleeps() -> str:
    """Outlast its call, in a thread."""
    time.sleep(0.06)
    return "too late"


@tool(requires=anyone())
async def floods() -> str:
    """Return more than Lambda passes on."""
    return "x" * 6_400_000
