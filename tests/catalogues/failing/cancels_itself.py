"""A tool that takes the task it runs in for its own."""

import asyncio

from app.authoring import tool


@tool()
async def cancels_itself() -> str:
    """Cancel all there is."""
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)
    return "unreachable"
