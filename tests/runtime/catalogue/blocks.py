"""A tool that nothing inside the function can interrupt."""

import threading

from app.authoring import tool


@tool()
async def blocks() -> str:
    """Hold up the event loop for ever."""
    threading.Event().wait()
    return "unreachable"
