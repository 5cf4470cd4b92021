"""A tool that waits for a task of its own that was cancelled."""

import asyncio

from app.authoring import tool


@tool()
async def cancels() -> str:
    """Cancel and wait."""
    task = asyncio.ensure_future(asyncio.Event().wait())
    task.cancel()
    await task
    return "unreachable"
