"""Background tools that do not do the same in each run, and one that asks without a Work."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel

from app.authoring import Background, CurrentAsk, CurrentWork, tool

NAMES: list[str] = []
"""What the next runs name their step."""


class Count(BaseModel):
    """An answer."""

    count: int


@tool(background=True)
async def change_order(work: CurrentWork) -> str:
    """Do a step that has another name in each run."""
    try:
        await work.step(NAMES.pop(0), list)
    except Exception:  # noqa: BLE001 - an author may catch all
        return "caught"
    await work.sleep(minutes=1)
    return "done"


async def count_rows(ask: CurrentAsk) -> AsyncIterator[int]:
    yield (await ask("How many?", Count)).count


@tool(background=True)
async def ask_alone(ask: CurrentAsk) -> str:
    """Ask as a tool does that is not in the background."""
    kept = await ask.keep("kept", find_name)
    return f"{(await ask('How many?', Count)).count} {kept}"


@tool(background=True)
async def ask_below(count: Annotated[int, Depends(count_rows)]) -> int:
    """Ask in a dependency."""
    return count


async def find_name() -> str:
    return NAMES.pop(0)


@tool(background=Background(minutes=5))
async def ask_anybody(work: CurrentWork) -> int:
    """Ask without an otherwise."""
    return (await work.ask("How many?", Count)).count


@tool(background=True)
async def ask_for_a_minute(work: CurrentWork) -> int:
    """Give up after a minute, as its author believes."""
    return (await asyncio.wait_for(work.ask("How many?", Count), 60)).count
