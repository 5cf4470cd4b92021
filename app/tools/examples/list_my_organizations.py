"""User management: list the caller's organisation memberships."""

from pydantic import BaseModel

from app.auth import CurrentSession, WorkOS
from app.tool import tool


class Membership(BaseModel):
    organization_id: str
    organization_name: str | None
    role: str
    status: str
    is_current: bool


@tool(title="My organisations", read_only=True, idempotent=True)
async def list_my_organizations(session: CurrentSession, workos: WorkOS) -> list[Membership]:
    """List the organisations that you belong to, with your role in each and which one you are logged in to."""
    page = await workos.organization_membership.list_organization_memberships(user_id=session.user_id, limit=100)
    return [
        Membership(
            organization_id=membership.organization_id,
            organization_name=membership.organization_name,
            role=membership.role.slug,
            status=membership.status.value,
            is_current=membership.organization_id == session.organization_id,
        )
        for membership in page.data
    ]
