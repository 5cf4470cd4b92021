"""Tools as a team's: one for each thing that a caller may have, and some that answer, fail or ask."""

from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel

from app.authoring import (
    CurrentAsk,
    CurrentSession,
    CurrentUser,
    Image,
    ToolError,
    WorkOS,
    anyone,
    flag,
    machine,
    permission,
    role,
    scope,
    tool,
)


class Confirmation(BaseModel):
    really: bool


class Name(BaseModel):
    name: str


class Who(BaseModel):
    user_id: str
    organization_id: str | None
    scopes: list[str]
    roles: list[str]


@tool(requires=anyone())
async def who(session: CurrentSession) -> Who:
    """Who."""
    return Who(
        user_id=session.user_id,
        organization_id=session.organization_id,
        scopes=sorted(session.scopes),
        roles=list(session.roles),
    )


@tool(requires=permission("reports:write"))
async def by_permission() -> str:
    """A permission."""
    return "done"


@tool(requires=role("admin"))
async def by_role() -> str:
    """A role."""
    return "done"


@tool(requires=[anyone(), flag("report-export")])
async def by_flag() -> str:
    """A flag of the organisation."""
    return "done"


@tool(requires=flag("early-access", of="user"))
async def by_flag_of_user() -> str:
    """A flag of the user."""
    return "done"


@tool(requires=[anyone(), scope("reports:read")])
async def by_scope() -> str:
    """A scope."""
    return "done"


@tool(requires=machine())
async def by_machine() -> str:
    """Machines."""
    return "done"


@tool()
async def rename(first_name: str, user: CurrentUser, workos: WorkOS) -> str:
    """Change something in WorkOS, and tell what it was."""
    await workos.user_management.update_user(user.id, first_name=first_name)
    return str(user.first_name)


@tool()
async def numbers(tool: int) -> list[int]:
    """A result that MCP wraps, and an argument with the name of a parameter of the client."""
    return [tool]


@tool()
async def picture() -> list[str | Image]:
    """A result without structured content."""
    return ["a line", Image(b"\x89PNG", "image/png")]


@tool()
async def fails(kind: str) -> str:
    """Fail for the caller's eyes, or not."""
    raise ToolError("This is not possible.") if kind == "told" else RuntimeError("a secret")


def get_greeting() -> str:
    return "Good morning"


@tool()
async def greeting(text: Annotated[str, Depends(get_greeting)]) -> str:
    """A dependency."""
    return text


@tool()
async def order(ask: CurrentAsk) -> str:
    """Ask two things, one after the other."""
    name = (await ask("For whom?", Name)).name
    really = (await ask(f"Order for {name}?", Confirmation, otherwise=ToolError("Order by mail."))).really
    return f"{name} {really}"


@tool()
async def cancel(ask: CurrentAsk) -> str:
    """Ask, and have something else where nobody can be asked."""
    return str((await ask("Cancel it?", Confirmation, otherwise=Confirmation(really=False))).really)


@tool()
async def connect(ask: CurrentAsk) -> str:
    """Send the user to a page."""
    await ask.visit("https://app.example.com/connect", "Enter the key.", otherwise=ToolError("Open it yourself."))
    return "connected"
