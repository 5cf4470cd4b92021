"""Single Sign-On: the connections of the caller's organisation."""

from pydantic import BaseModel

from app.authoring import CurrentTenant, any_of, machine, organization, role, tool
from examples.tools._rows import read_rows

MAX_ROWS = 1000
"""Connections that one call reads: each hundred is a request to WorkOS."""


class Connection(BaseModel):
    id: str
    name: str
    type: str
    state: str


class Connections(BaseModel):
    result: list[Connection]
    complete: bool
    """False if there are more connections than one call reads."""


@tool(
    title="SSO connections",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=[organization(), any_of(machine(), role("admin"))],
)
async def list_sso_connections(tenant: CurrentTenant) -> Connections:
    """List how people of your organisation can log in through their own identity provider."""
    connections, complete = await read_rows(tenant.connections(), MAX_ROWS)
    return Connections(
        result=[
            Connection(
                id=connection.id,
                name=connection.name,
                type=connection.connection_type.value,
                state=connection.state.value,
            )
            for connection in connections
        ],
        complete=complete,
    )
