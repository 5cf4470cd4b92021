"""Single Sign-On: the connections of the caller's organisation."""

from pydantic import BaseModel

from app.auth import WorkOS
from app.tool import tool
from app.tools.examples._organization import OrganizationId


class Connection(BaseModel):
    id: str
    name: str
    type: str
    state: str


@tool(title="SSO connections", read_only=True, idempotent=True)
async def list_sso_connections(organization_id: OrganizationId, workos: WorkOS) -> list[Connection]:
    """List how people of your organisation can log in through their own identity provider."""
    page = await workos.sso.list_connections(organization_id=organization_id, limit=100)
    return [
        Connection(
            id=connection.id,
            name=connection.name,
            type=connection.connection_type.value,
            state=connection.state.value,
        )
        for connection in page.data
    ]
