"""A Starlette application with a lifespan on Lambda: entered once, as neither SDK survives Mangum's way."""

import asyncio
from collections.abc import Callable
from typing import Any

from mangum import Mangum
from starlette.applications import Starlette

_held: list[asyncio.Task[None]] = []


def serve(app: Starlette) -> Callable[[Any, Any], dict[str, Any]]:
    """Mangum's `auto` enters and leaves it at each call: the SDK then fails, FastMCP takes 0.4 ms more."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    entered = asyncio.Event()

    async def hold() -> None:
        async with app.router.lifespan_context(app):
            entered.set()
            await asyncio.Event().wait()

    _held.append(loop.create_task(hold()))
    loop.run_until_complete(entered.wait())
    return Mangum(app, lifespan="off")
