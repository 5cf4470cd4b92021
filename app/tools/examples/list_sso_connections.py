"""Single Sign-On: the connections of the caller's organisation."""

from pydantic import BaseModel

from app.auth import CurrentTenant
from app.auth.access import any_of, machine, organization, role
from app.tool import tool


class Connection(BaseModel):
    id: str
    name: str
    type: str
    state: str


@tool(
    title="SSO connections",
    read_only=True,
    idempotent=True,
    requires=[organization(), any_of(machine(), role("admin"))],
)
async def list_sso_connections(tenant: CurrentTenant) -> list[Connection]:
    """List how people of your organisation can log in through their own identity provider."""
    return [
        Connection(
            id=connection.id,
            name=connection.name,
            type=connection.connection_type.value,
            state=connection.state.value,
        )
        async for connection in tenant.connections()
    ]
