"""User management: list the caller's organisation memberships."""

from pydantic import BaseModel

from app.authoring import CurrentSession, WorkOS, tool
from examples.tools._rows import read_rows

MAX_ROWS = 1000
"""Memberships that one call reads: each hundred is a request to WorkOS."""


class Membership(BaseModel):
    organization_id: str
    organization_name: str | None
    role: str
    status: str
    is_current: bool


class Memberships(BaseModel):
    result: list[Membership]
    complete: bool
    """False if there are more memberships than one call reads."""


@tool(title="My organisations", read_only=True, idempotent=True, open_world=False)
async def list_my_organizations(session: CurrentSession, workos: WorkOS) -> Memberships:
    """List the organisations that you belong to, with your role in each and which one you are logged in to."""
    page = await workos.organization_membership.list_organization_memberships(user_id=session.user_id, limit=100)
    memberships, complete = await read_rows(page.auto_paging_iter(), MAX_ROWS)
    return Memberships(
        result=[
            Membership(
                organization_id=membership.organization_id,
                organization_name=membership.organization_name,
                role=membership.role.slug,
                status=membership.status.value,
                is_current=membership.organization_id == session.organization_id,
            )
            for membership in memberships
        ],
        complete=complete,
    )
