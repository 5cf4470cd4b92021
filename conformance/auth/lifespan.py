"""The start and the end of an ASGI application that has nothing to do then."""

from typing import Any


async def live(receive: Any, send: Any) -> None:
    while (told := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{told['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})
