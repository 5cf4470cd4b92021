"""Authorisation by either of two: who manages members, or has the admin role, sees who they are."""

from pydantic import BaseModel

from app.auth import CurrentTenant
from app.auth.access import any_of, permission, role
from app.tool import tool


class Member(BaseModel):
    user_id: str
    role: str
    status: str


@tool(
    title="Members",
    read_only=True,
    idempotent=True,
    requires=any_of(permission("members:manage"), role("admin")),
    discoverable=True,
)
async def list_members(tenant: CurrentTenant) -> list[Member]:
    """List the members of your organisation with their roles."""
    return [
        Member(user_id=member.user_id, role=member.role.slug, status=member.status.value)
        async for member in tenant.members()
    ]
