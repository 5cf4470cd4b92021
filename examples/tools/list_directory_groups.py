"""Directory Sync: list the groups of the organisation's directories."""

from pydantic import BaseModel

from app.authoring import CurrentTenant, anyone, organization, tool
from examples.tools._rows import read_rows

MAX_ROWS = 200


class Groups(BaseModel):
    groups: list[str]
    complete: bool
    """False if there are more groups than one call reads."""


@tool(
    title="Directory groups",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=[anyone(), organization()],
    discoverable=True,
)
async def list_directory_groups(tenant: CurrentTenant) -> Groups:
    """List the groups in your organisation's synced directories."""
    groups, complete = await read_rows(tenant.directory_groups(), MAX_ROWS)
    return Groups(groups=[group.name for group in groups], complete=complete)
