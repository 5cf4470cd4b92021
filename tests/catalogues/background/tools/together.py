"""Tools that await several things of their work at once, or not as long as it takes."""

import asyncio
from datetime import date, datetime

from pydantic import AnyUrl, BaseModel, field_validator

from app.authoring import CurrentWork, StepFailed, tool


class Amount(BaseModel):
    """How much of it."""

    count: int


class Meeting(BaseModel):
    """When and how often."""

    at: datetime
    times: int = 1
    note: str | None = None
    day: date | None = None
    page: AnyUrl | None = None

    @field_validator("times")
    @classmethod
    def require_odd(cls, times: int) -> int:
        if times % 2 == 0:
            raise ValueError("must be odd")
        return times


runs: list[str] = []
"""What steps did."""


@tool(background=True)
async def ask_together(work: CurrentWork) -> list[int]:
    """Ask two things from two tasks."""

    async def ask(question: str) -> int:
        return (await work.ask(question, Amount)).count

    return list(await asyncio.gather(ask("Pears?"), ask("Apples?")))


@tool(background=True)
async def ask_meeting(work: CurrentWork) -> str:
    """Ask for a date, which clients write in several ways."""
    meeting = await work.ask("When?", Meeting)
    return f"{meeting.at:%H:%M} {meeting.times} {meeting.note}"


@tool(background=True)
async def give_up_step(work: CurrentWork) -> str:
    """Give a step less time than it needs, and go on after a pause."""
    try:
        async with asyncio.timeout(0.01):
            await work.step("endless", wait_for_nothing)
    except TimeoutError:
        after = await work.step("after", note_after)
    await work.sleep(minutes=1)
    return after


@tool(background=True)
async def cancel_own_step(work: CurrentWork) -> str:
    """Meet a step that cancelled itself."""
    try:
        await work.step("cancelled", cancel_itself)
    except (StepFailed, TimeoutError) as error:
        return f"{type(error).__name__}: {error}"
    return "done"


async def wait_for_nothing() -> None:
    await asyncio.Event().wait()


async def note_after() -> str:
    runs.append("after")
    return "gave up"


async def cancel_itself() -> None:
    raise asyncio.CancelledError


@tool(background=True)
async def oversleep(work: CurrentWork) -> str:
    """Sleep for longer than the work may take."""
    await work.sleep(days=300)
    return "slept"
