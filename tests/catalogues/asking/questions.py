"""Tools that ask their user, in every way that there is."""

import asyncio
from enum import Enum
from typing import Annotated, Literal

from fastapi import Depends
from pydantic import BaseModel, Field

from app.authoring import Cancelled, CurrentAsk, Declined, ToolError, anyone, get_ask, role, tool

DONE: list[str] = []
"""What was really done, in this process."""


class Size(Enum):
    SMALL = "s"
    LARGE = "l"


class Confirmation(BaseModel):
    really: bool


class Name(BaseModel):
    name: str = Field(min_length=2)


class Pizza(BaseModel):
    size: Size
    extras: list[Literal["olives", "capers"]] = []
    slices: int | None = Field(default=None, ge=1, le=12)


async def settled(ask: CurrentAsk) -> bool:
    return (await ask("Settle it?", Confirmation)).really


@tool(audit=["target"])
async def purge(target: str, ask: CurrentAsk) -> str:
    """Purge a thing, once the user says so."""
    answer = await ask(f"Purge {target}?", Confirmation)
    DONE.append(f"{target} {answer.really}")
    return f"{target} {'purged' if answer.really else 'kept'}"


@tool()
async def order(ask: CurrentAsk) -> str:
    """Ask one question after the other."""
    name = (await ask("For whom?", Name)).name
    pizza = await ask(f"Which pizza, {name}?", Pizza)
    return f"{pizza.size.name} for {name} with {pizza.extras}, {pizza.slices}"


@tool()
async def both(ask: CurrentAsk) -> str:
    """Ask two questions at once."""
    name, sure = ask("For whom?", Name), ask("Sure?", Confirmation)
    return f"{(await name).name} {(await sure).really}"


@tool()
async def gathered(ask: CurrentAsk) -> str:
    """Ask two questions at once, as tasks."""
    name, sure = await asyncio.gather(ask("For whom?", Name), ask("Sure?", Confirmation))
    return f"{name.name} {sure.really}"


@tool()
async def grouped(ask: CurrentAsk) -> str:
    """Ask in a task group, whose exceptions come out in a group."""

    async def name() -> str:
        return (await ask("For whom?", Name)).name

    async with asyncio.TaskGroup() as group:
        task = group.create_task(name())
    return task.result()


@tool()
async def again(ask: CurrentAsk) -> str:
    """Put the same question until the answer is yes."""
    times = 1
    while not (await ask("Now?", Confirmation)).really:
        times += 1
    return f"after {times}"


@tool()
async def careless(ask: CurrentAsk) -> str:
    """Catch everything that is an Exception, and more."""
    try:
        return (await ask("For whom?", Name)).name
    except Exception:  # noqa: BLE001 - this is what it is about
        return "went on without"


@tool()
async def reckless(ask: CurrentAsk) -> str:
    """Catch everything there is."""
    try:
        return (await ask("For whom?", Name)).name
    except BaseException:  # noqa: BLE001 - this is what it is about
        raise ToolError("went on without") from None


@tool()
async def forgetful(ask: CurrentAsk) -> str:
    """Put a question and not wait for the answer."""
    ask("For whom?", Name)
    return "went on without"


@tool()
async def patient(ask: CurrentAsk) -> str:
    """Take no for an answer."""
    try:
        await ask("Sure?", Confirmation)
    except Declined:
        return "the user said no"
    except Cancelled:
        return "the user said nothing"
    return "yes"


@tool()
async def lenient(ask: CurrentAsk) -> str:
    """Have another answer where nobody can be asked."""
    return str((await ask("Sure?", Confirmation, otherwise=Confirmation(really=False))).really)


@tool()
async def firm(ask: CurrentAsk) -> str:
    """Refuse, in words of its own, where nobody can be asked."""
    return str(await ask("Sure?", Confirmation, otherwise=ToolError("Do it in the web application.")))


@tool()
async def below(is_settled: Annotated[bool, Depends(settled)]) -> str:
    """Ask in a dependency."""
    return str(is_settled)


@tool()
async def deep() -> str:
    """Ask without a parameter."""
    return (await get_ask()("For whom?", Name)).name


@tool(requires=role("admin"))
async def guarded(ask: CurrentAsk) -> str:
    """Ask an administrator."""
    return str((await ask("Sure?", Confirmation)).really)


@tool(requires=anyone())
async def keeping(ask: CurrentAsk) -> str:
    """Keep what was made first."""

    async def make() -> dict[str, list[int]]:
        DONE.append("made")
        return {"numbers": [len(DONE)]}

    numbers = await ask.keep("numbers", make)

    async def word() -> str:
        return "first" if len(DONE) == numbers["numbers"][0] else "later"

    kept = await ask.keep("word", word)
    await ask("Sure?", Confirmation)
    return f"{numbers['numbers'][0]} {kept}"


@tool()
async def hoarding(size: int, ask: CurrentAsk) -> str:
    """Keep too much."""

    async def much() -> str:
        return "x" * size

    await ask.keep("much", much)
    await ask("Sure?", Confirmation)
    return "kept"


@tool()
async def connect(ask: CurrentAsk) -> str:
    """Have the user enter a secret on a page."""

    async def new() -> str:
        return f"ticket-{len(DONE)}"

    ticket = await ask.keep("ticket", new)
    await ask.visit(f"https://app.example.com/connect/{ticket}", "Enter your key there.")
    return f"been at {ticket}"


@tool()
async def connect_or_say(ask: CurrentAsk) -> str:
    """Tell the address where nobody can be sent."""
    await ask.visit("https://app.example.com/", "Enter it there.", otherwise=ToolError("Open app.example.com."))
    return "been there"


@tool()
async def astray(ask: CurrentAsk) -> str:
    """Send the user to a page over plain http."""
    await ask.visit("http://app.example.com/", "Enter it there.")
    return "been there"
