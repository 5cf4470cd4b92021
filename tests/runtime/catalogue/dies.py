"""A tool whose process is killed in mid-call, as for want of memory."""

import os
import signal

from app.authoring import tool


@tool()
async def dies() -> str:
    """Kill the runtime."""
    os.kill(os.getpid(), signal.SIGKILL)
    return "unreachable"
