"""A tool whose library thinks that it is a program, in a task of the tool's."""

import asyncio
import sys

from app.authoring import tool

events: list[str] = []


async def quits() -> None:
    sys.exit(3)


@tool()
async def exits_in_a_task() -> str:
    """End."""
    try:
        await asyncio.gather(quits())
    finally:
        events.append("ended")
    return "unreachable"
