"""Tools that take whatever JSON has; none repeats what it was given, each names its caller."""

from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult
from pydantic import BaseModel, Field

from app.authoring import CurrentAsk, CurrentCall, CurrentSession, ToolError, check, scope, tool


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


class Part(BaseModel):
    name: str
    weight: float = 1.0
    parts: list["Part"] = []


class Told(BaseModel):
    caller: str
    number: float


async def is_even(number: int) -> bool:
    return number % 2 == 0


@tool()
async def typed(
    session: CurrentSession,
    text: str,
    number: Annotated[int, Field(ge=0)],
    *,
    ratio: float = 0.5,
    day: date | None = None,
    tags: Annotated[list[str], Field(max_length=100)] = [],  # noqa: B006 - never changed
    size: Size = Size.SMALL,
    choice: Literal["a", "b"] = "a",
    table: dict[str, int] | None = None,
    either: int | str | None = None,
) -> Told:
    """Take one of each type."""
    return Told(caller=session.user_id, number=ratio)


@tool()
async def nested(session: CurrentSession, part: Part, anything: Any = None) -> dict[str, Any]:
    """Take a tree, and anything at all."""
    return {"caller": session.user_id, "parts": len(part.parts)}


@tool()
async def mirrored(
    session: CurrentSession, region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]
) -> str:
    """Take an argument that a header repeats."""
    return session.user_id


@tool()
async def notifies(
    session: CurrentSession, call: CurrentCall, steps: Annotated[int, Field(ge=0, le=3)] = 2
) -> str:
    """Say how far it is."""
    for step in range(steps):
        await call.progress(step + 1, steps, session.user_id)
        await call.log("info", {"caller": session.user_id})
    return session.user_id


@tool()
async def confirms(session: CurrentSession, context: Context, target: str) -> str | InputRequiredResult:
    """Ask first."""
    if context.request_state is not None:
        return f"{session.user_id} {context.request_state}"
    question = ElicitRequest(
        params=ElicitRequestFormParams(
            message=f"Sure, {session.user_id}?",
            requested_schema={"type": "object", "properties": {"sure": {"type": "boolean"}}},
        )
    )
    return InputRequiredResult(input_requests={"sure": question}, request_state=session.user_id)


class Form(BaseModel):
    name: str = Field(max_length=50)
    number: Annotated[int, Field(ge=0)] = 1
    sizes: list[Literal["small", "large"]] = []
    really: bool = False


@tool()
async def asks(session: CurrentSession, ask: CurrentAsk, target: str = "") -> str:
    """Ask twice."""
    form = await ask(f"Who, {session.user_id}?", Form)
    await ask.visit("https://example.com/page", "See for yourself.")
    return f"{session.user_id} {form.number}"


@tool()
async def raises(text: str = "", number: float = 0) -> str:
    """Fail with everything that it was given."""
    raise ValueError(f"{text} {number}")


@tool()
async def refuses(session: CurrentSession, number: int = 0) -> str:
    """Fail, and say so."""
    raise ToolError(f"Not for {session.user_id}.")


@tool(requires=scope("reports:write"))
async def out_of_reach() -> str:
    """Need a scope that nobody here has."""
    return "done"


@tool(requires=check(is_even, needs="an even number"))
async def checked(session: CurrentSession, number: int) -> str:
    """Need an even number."""
    return session.user_id
