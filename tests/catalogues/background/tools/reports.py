"""Tools whose work goes on without the call that began it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from mcp.shared.exceptions import NoBackChannelError
from pydantic import BaseModel, Field

from app.authoring import (
    Background,
    CurrentAsk,
    CurrentCall,
    CurrentGrants,
    CurrentSession,
    CurrentWork,
    Declined,
    ToolError,
    check,
    permission,
    tool,
)


class Report(BaseModel):
    """A report."""

    title: str
    orders: int


class Confirmation(BaseModel):
    """What the user confirms."""

    sure: bool


class Title(BaseModel):
    """What the user calls it."""

    title: str


runs: list[str] = []
"""What ran, for tests."""


@tool(background=True, audit="title")
async def build_report(title: str, work: CurrentWork, session: CurrentSession) -> Report:
    """Build a report, which takes half an hour."""
    await work.say("Zähle Bestellungen")
    orders = await work.step("orders", count_orders, session.user_id)
    await work.sleep(minutes=30)
    await work.say("Writing")
    return Report(title=title, orders=orders)


async def count_orders(user_id: str) -> int:
    runs.append(user_id)
    return len(runs)


@tool(background=Background(minutes=120, keep_hours=48))
def add_up(numbers: list[int]) -> int:
    """Add numbers up, without any step."""
    runs.append("add_up")
    return sum(numbers)


@tool(background=True)
async def ask_twice(work: CurrentWork) -> str:
    """Ask two things at once, then say both answers."""
    first, second = work.ask("Sure?", Confirmation), work.ask("Title?", Title)
    try:
        return f"{(await first).sure} {(await second).title}"
    except Declined:
        return "declined"


@tool(background=True)
async def ask_otherwise(ask: CurrentAsk, work: CurrentWork, call: CurrentCall) -> str:
    """Ask with an answer for clients that cannot ask."""
    kept = await ask.keep("kept", count_kept)
    answer = await ask("Sure?", Confirmation, otherwise=Confirmation(sure=False))
    await ask.visit("https://example.com/", "Go there", otherwise=None)
    await call.progress(1)
    return f"{answer.sure} {kept} {call.time_left() > 0}"


async def count_kept() -> int:
    return 7


@tool(background=True)
async def ask_or_raise(work: CurrentWork) -> str:
    """Raise where the client cannot open a page."""
    await work.visit("https://example.com/", "Go there", otherwise=ToolError("no page"))
    return "there"


@tool(background=True)
def fail() -> None:
    """Fail with a text for the caller."""
    raise ToolError("No orders in this year.")


@tool(background=True)
def crash() -> None:
    """Fail with a text that only the log may have."""
    raise ValueError("secret")


@tool(background=True)
def break_protocol() -> None:
    """Fail with an error of the protocol."""
    raise NoBackChannelError("sampling/createMessage")


@tool(background=True)
async def fail_in_steps(work: CurrentWork) -> str:
    """Fail in three steps, and go on after two of them."""
    texts = []
    for name, error in [("told", ToolError("told")), ("hidden", ValueError("secret")), ("odd", None)]:
        try:
            await work.step(name, raise_or_return, error)
        except Exception as raised:  # noqa: BLE001 - the test is about all of them
            texts.append(f"{type(raised).__name__} {raised}")
    await work.sleep(seconds=5)
    return "; ".join(texts)


def raise_or_return(error: Exception | None) -> Any:
    if error is not None:
        raise error
    return timedelta(days=1)


kills: list[Callable[[], None]] = []
"""What kills the process the next times, or cancels the work, for tests."""


async def be_killed() -> str:
    runs.append("step")
    if kills:
        kills.pop()()
    return "done"


@tool(background=True)
async def die_once(work: CurrentWork) -> str:
    """Be killed in a step that may not run twice."""
    return await work.step("only once", be_killed)


@tool(background=True, idempotent=True)
async def die_and_live(work: CurrentWork) -> str:
    """Be killed in a step that may run twice."""
    try:
        return await work.step("again", be_killed)
    except BaseException:  # noqa: BLE001 - what authors must not do
        return "caught"


@tool(background=Background(retries=1))
async def die_twice(work: CurrentWork) -> str:
    """Be killed in a step that may run once more."""
    return await work.step("once more", be_killed)


@tool(background=True)
async def die_whole() -> str:
    """Be killed, as a tool without steps."""
    return await be_killed()


@tool(background=True)
async def return_much(characters: int) -> str:
    """Return a text of this length."""
    return "x" * characters


@tool(background=Background(minutes=10))
async def sleep_long(work: CurrentWork) -> str:
    """Sleep longer than the work may take."""
    await work.sleep(seconds=0)
    await work.sleep(minutes=11)
    return "never"


@tool(background=True)
async def swallow(work: CurrentWork) -> str:
    """Catch what ends the run, and go on."""
    try:
        await work.sleep(minutes=1)
    except BaseException:  # noqa: BLE001 - what authors must not do
        await work.say("never said")
    return "slept"


outages: list[Exception] = []
"""What the check below raises, while there is one."""


async def is_owner(title: str, grants: CurrentGrants) -> bool:
    for each in outages:
        raise each
    return title in await grants.permissions()


@tool(background=True, requires=permission("reports:write"))
def write_report() -> str:
    """For callers with a permission."""
    return "written"


@tool(background=True, requires=check(is_owner, needs="the report to be yours"))
def open_report(title: Annotated[str, Field(max_length=20)]) -> str:
    """For callers whose report it is."""
    return f"{title} opened"


async def wait_for_ever() -> str:
    for each in kills:
        each()
    try:
        await asyncio.Event().wait()
    finally:
        runs.append("ended")
    return "never"


@tool(background=True)
async def wait_beside(work: CurrentWork) -> str:
    """Wait for something else than the work."""
    await work.say("waiting")
    return await wait_for_ever()


@tool(background=True)
async def wait_in_step(work: CurrentWork) -> str:
    """Wait in a step."""
    return await work.step("waiting", wait_for_ever)


@tool(background=True)
async def wait_whole() -> str:
    """Wait as a tool without steps."""
    return await wait_for_ever()


@tool(background=True)
async def use_work_in_step(work: CurrentWork) -> str:
    """Use the work inside of a step."""
    return await work.step("outer", use, work)


async def use(work: Any) -> str:
    await work.say("inside")
    return "never"


async def find_title(ask: CurrentAsk) -> str:
    return (await ask("Title?", Title)).title


@tool(background=Background(before=find_title))
async def ask_before(work: CurrentWork) -> str:
    """Ask in the call, before the work begins."""
    return f"{work.before} written"


@tool(background=Background(only_tasks=True))
def insist() -> str:
    """For clients that know tasks."""
    return "done"


@tool()
def greet(name: str) -> str:
    """Work in the call."""
    return f"Hello, {name}!"
