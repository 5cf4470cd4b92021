"""Directory Sync: list the groups of the organisation's directories."""

from pydantic import BaseModel

from app.auth import CurrentTenant
from app.auth.access import anyone, organization
from app.tool import tool

READ_AT_MOST = 200


class Groups(BaseModel):
    groups: list[str]
    complete: bool


@tool(
    title="Directory groups",
    read_only=True,
    idempotent=True,
    requires=[anyone(), organization()],
    discoverable=True,
)
async def list_directory_groups(tenant: CurrentTenant) -> Groups:
    """List the groups in your organisation's synced directories."""
    groups: list[str] = []
    async for group in tenant.directory_groups():
        if len(groups) == READ_AT_MOST:
            return Groups(groups=groups, complete=False)
        groups.append(group.name)
    return Groups(groups=groups, complete=True)
