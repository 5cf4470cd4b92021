"""A tool that never ends by itself, and lets others run meanwhile."""

import asyncio

from app.authoring import tool


@tool()
async def slow() -> str:
    """Wait for what never comes."""
    await asyncio.Event().wait()
    return "unreachable"
