"""Background tools with mistakes of their authors, and tools that return as much as a test says."""

import asyncio
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, create_model

from app.authoring import Background, CurrentSession, CurrentWork, ToolError, tool


class Yes(BaseModel):
    """An answer."""

    yes: bool


@tool(background=True)
async def forget_await(what: Literal["say", "step", "sleep", "ask", "visit"], work: CurrentWork) -> str:
    """Begin something and not wait for it."""
    await work.say("begun")
    begun: dict[str, Callable[[], object]] = {
        "say": lambda: work.say("never"),
        "step": lambda: work.step("never", list),
        "sleep": lambda: work.sleep(seconds=5),
        "ask": lambda: work.ask("Sure?", Yes),
        "visit": lambda: work.visit("https://example.com/", "Go there"),
    }
    begun[what]()
    await work.sleep(minutes=1)
    return "went on"


@tool(background=True)
async def forget_and_fail(work: CurrentWork) -> str:
    """Fail after a forgotten await."""
    work.say("never")  # type: ignore[unused-coroutine]  # the mistake
    raise ToolError("failed")


@tool(background=True)
async def wait_together(work: CurrentWork) -> list[str]:
    """Wait for two steps at once, which is allowed."""
    return list(await asyncio.gather(work.step("a", str, 1), asyncio.create_task(work.step("b", str, 2))))


def repeat(characters: int) -> str:
    return "x" * characters


def fail_at_length(characters: int) -> None:
    raise ToolError("x" * characters)


@tool(background=True)
async def return_in_step(characters: int, work: CurrentWork) -> int:
    """Return a text of this length from a step, after another step."""
    await work.say("begun")
    return len(await work.step("long", repeat, characters))


@tool(background=True)
async def fail_in_step(characters: int, work: CurrentWork) -> None:
    """Fail in a step with a text of this length."""
    await work.step("long", fail_at_length, characters)


@tool(background=True)
async def say_at_length(characters: int, work: CurrentWork) -> str:
    """Say a text of this length."""
    await work.say("ä" * characters)
    await work.step("ö" * characters, list)
    return "said"


@tool(background=True)
async def ask_at_length(characters: int, work: CurrentWork) -> str:
    """Ask a question of this length."""
    answer = await work.ask("x" * characters, create_model("Yes", yes=(bool, ...)))
    return str(answer)


async def find_much(session: CurrentSession) -> str:
    return "x" * int(max(session.permissions, default="0"))


@tool(background=Background(before=find_much))
async def begin_with_much(work: CurrentWork) -> int:
    """Find as much as a permission of the caller says, before the work begins."""
    return len(work.before)
