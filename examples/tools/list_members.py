"""Authorisation by one of two: a permission, or the role of an admin."""

from pydantic import BaseModel

from app.authoring import CurrentTenant, any_of, permission, role, tool
from examples.tools._rows import read_rows

MAX_ROWS = 1000
"""Members that one call reads: each hundred is a request to WorkOS."""


class Member(BaseModel):
    user_id: str
    role: str
    status: str


class Members(BaseModel):
    result: list[Member]
    complete: bool
    """False if there are more members than one call reads."""


@tool(
    title="Members",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=any_of(permission("members:manage"), role("admin")),
    discoverable=True,
)
async def list_members(tenant: CurrentTenant) -> Members:
    """List the members of your organisation with their roles."""
    members, complete = await read_rows(tenant.members(), MAX_ROWS)
    return Members(
        result=[Member(user_id=each.user_id, role=each.role.slug, status=each.status.value) for each in members],
        complete=complete,
    )
