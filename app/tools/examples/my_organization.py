"""Organisations: the caller's own."""

from pydantic import BaseModel

from app.auth import WorkOS
from app.tool import tool
from app.tools.examples._organization import OrganizationId


class Organization(BaseModel):
    id: str
    name: str
    domains: list[str]


@tool(title="My organisation", read_only=True, idempotent=True)
async def my_organization(organization_id: OrganizationId, workos: WorkOS) -> Organization:
    """Show the organisation that you are logged in to."""
    found = await workos.organizations.get_organization(organization_id)
    return Organization(id=found.id, name=found.name, domains=[domain.domain for domain in found.domains or []])
