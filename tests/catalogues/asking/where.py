"""A tool that says in which processes it ran."""

import os

from pydantic import BaseModel

from app.authoring import CurrentAsk, tool


class Where(BaseModel):
    place: str


async def _process() -> int:
    return os.getpid()


@tool()
async def where(ask: CurrentAsk) -> list[int]:
    """Ask twice, and say the process of the first, the second and the third round trip."""
    first = await ask.keep("first", _process)
    await ask("Where to?", Where)
    second = await ask.keep("second", _process)
    await ask("And from there?", Where)
    return [first, second, await _process()]
