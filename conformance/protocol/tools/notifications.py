"""Tools that report progress and log while they run."""

import asyncio

from app.authoring import CurrentCall, tool

PAUSE = 0.05
"""Seconds, as the suite asks for."""


@tool(title="Logging")
async def test_tool_with_logging(call: CurrentCall) -> str:
    """Log three times at the level info."""
    await call.log("info", "Tool execution started")
    await asyncio.sleep(PAUSE)
    await call.log("info", "Tool processing data")
    await asyncio.sleep(PAUSE)
    await call.log("info", "Tool execution completed")
    return "Logged three times."


@tool(title="Logging on demand")
async def test_logging_tool(call: CurrentCall) -> str:
    """Log once, for a client that asked for it."""
    await call.log("info", "For those who set a level")
    return "Logged once."


@tool(title="Progress")
async def test_tool_with_progress(call: CurrentCall) -> str:
    """Report progress three times."""
    await call.progress(0, 100)
    await asyncio.sleep(PAUSE)
    await call.progress(50, 100)
    await asyncio.sleep(PAUSE)
    await call.progress(100, 100)
    return "Reported three times."


@tool(title="Reconnection")
async def test_reconnection() -> str:
    """Answer at once: there is no stream here that could be closed and polled."""
    return "Answered in one piece."
