"""Directory Sync: list the groups of the organisation's directories."""

from pydantic import BaseModel

from app.auth import WorkOS
from app.tool import tool
from app.tools.examples._organization import OrganizationId

READ_AT_MOST = 200


class Group(BaseModel):
    name: str
    directory: str


class Groups(BaseModel):
    groups: list[Group]
    complete: bool


@tool(title="Directory groups", read_only=True, idempotent=True)
async def list_directory_groups(organization_id: OrganizationId, workos: WorkOS) -> Groups:
    """List the groups in your organisation's synced directories."""
    groups: list[Group] = []
    directories = await workos.directory_sync.list_directories(organization_id=organization_id, limit=100)
    for directory in directories.data:
        page = await workos.directory_sync.list_groups(directory=directory.id, limit=100)
        async for group in page.auto_paging_iter():
            if len(groups) == READ_AT_MOST:
                return Groups(groups=groups, complete=False)
            groups.append(Group(name=group.name, directory=directory.name))
    return Groups(groups=groups, complete=True)
