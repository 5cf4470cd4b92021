"""A prompt that does not end in time."""

import asyncio

from app.authoring import prompt


@prompt()
async def slow() -> str:
    """Wait."""
    await asyncio.sleep(60)
    return "late"
