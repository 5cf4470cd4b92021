"""Tools that work in the background, as the suite's `tasks-*` scenarios call them (SEP-2663)."""

from mcp.shared.exceptions import NoBackChannelError
from pydantic import BaseModel

from app.authoring import Background, CurrentAsk, CurrentWork, ToolError, tool


class Confirmed(BaseModel):
    confirm: bool


class Named(BaseModel):
    name: str


@tool(title="Greet")
def greet(name: str) -> str:
    """Greet at once, without a task."""
    return f"Hello, {name}!"


@tool(title="Compute slowly", background=True)
async def slow_compute(seconds: float, work: CurrentWork, label: str = "") -> str:
    """Sleep, then say so."""
    await work.say(f"Sleeping {label}")
    await work.sleep(seconds=seconds)
    return f"slept {seconds} s"


@tool(title="Fail", background=Background(only_tasks=True))
def failing_job() -> str:
    """Fail as a tool fails."""
    raise ToolError("The job failed.")


@tool(title="Break", background=True)
def protocol_error_job() -> str:
    """Fail as the protocol fails: it needs a client that a server can ask, which no task has."""
    raise NoBackChannelError("roots/list")


@tool(title="Delete a file", background=True)
async def confirm_delete(filename: str, work: CurrentWork) -> str:
    """Ask before it deletes, which it does not really do."""
    answer = await work.ask(f"Delete {filename}?", Confirmed)
    return f"{filename} deleted" if answer.confirm else "kept"


async def ask_name(ask: CurrentAsk) -> str:
    return (await ask("What is your name?", Named)).name


@tool(title="Ask, then work", background=Background(before=ask_name))
async def test_tool_with_task(work: CurrentWork) -> str:
    """Ask in the call, and greet in the background."""
    return f"Hello, {work.before}!"


@tool(title="Ask two things", background=True)
async def multi_input(work: CurrentWork) -> str:
    """Ask two things at once."""
    name, sure = work.ask("What is your name?", Named), work.ask("Sure?", Confirmed)
    return f"{(await name).name} {(await sure).confirm}"
