"""Organisations: read the caller's own."""

from pydantic import BaseModel

from app.authoring import CurrentTenant, anyone, organization, tool


class Organization(BaseModel):
    id: str
    name: str
    domains: list[str]


@tool(
    title="My organisation",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=[anyone(), organization()],
    discoverable=True,
)
async def my_organization(tenant: CurrentTenant) -> Organization:
    """Show the organisation that you are logged in to."""
    found = await tenant.organization()
    return Organization(id=found.id, name=found.name, domains=[domain.domain for domain in found.domains or []])
