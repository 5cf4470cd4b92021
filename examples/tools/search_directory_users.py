"""Directory Sync: search the users of the organisation's directories."""

from typing import Annotated

from pydantic import BaseModel, Field

from app.authoring import CurrentTenant, anyone, organization, tool

MAX_ROWS = 500
"""Directory users that one call looks at: each page is a request to WorkOS."""


class DirectoryUser(BaseModel):
    name: str
    email: str | None
    state: str


class Found(BaseModel):
    users: list[DirectoryUser]
    complete: bool
    """False if there were more users than one call looks at, or more matches than were asked for."""


@tool(
    title="Search directory users",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=[anyone(), organization()],
    discoverable=True,
    audit=["limit"],
)
async def search_directory_users(
    tenant: CurrentTenant,
    text: Annotated[str, Field(min_length=1, description="Part of a name or email address")],
    limit: Annotated[int, Field(ge=1, le=50)] = 10,
) -> Found:
    """Search the people in your organisation's synced directories by name or email address."""
    found: list[DirectoryUser] = []
    seen = 0
    async for user in tenant.directory_users():
        if seen == MAX_ROWS or len(found) == limit:
            return Found(users=found, complete=False)
        seen += 1
        name = f"{user.first_name or ''} {user.last_name or ''}".strip()
        if text.lower() in f"{name} {user.email or ''}".lower():
            found.append(DirectoryUser(name=name, email=user.email, state=user.state.value))
    return Found(users=found, complete=True)
