"""A tool that never ends by itself."""

import asyncio

from app.authoring import tool


@tool()
async def slow(raises: bool = False) -> str:
    """Wait for what never comes."""
    if raises:
        raise TimeoutError("of the tool's own")
    await asyncio.Event().wait()
    return "unreachable"
