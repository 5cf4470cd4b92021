"""Look again until a server has noticed, for as long as it may take."""

import asyncio
import time
from collections.abc import Callable

from conformance.auth.answer import Answer
from conformance.auth.server import Server


async def until(server: Server, token: Callable[[], str], holds: Callable[[Answer], bool]) -> tuple[Answer, float]:
    """The first answer for which `holds`, or the last one when patience ends; and the seconds that it took."""
    bounds, began = server.target.bounds, time.monotonic()
    while True:
        answer = await server.exchange(token())
        seconds = time.monotonic() - began
        if holds(answer) or seconds > bounds.leisure:
            return answer, seconds
        await asyncio.sleep(bounds.pause)
