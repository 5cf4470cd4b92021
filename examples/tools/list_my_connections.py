"""Connected accounts (WorkOS Pipes): what the caller has connected at other services."""

from pydantic import BaseModel

from app.authoring import CurrentConnections, tool


class ConnectedService(BaseModel):
    provider: str
    name: str
    state: str
    scopes: list[str]
    is_shared: bool
    """Whether it is an account that an administrator shares with the organisation."""


@tool(title="My connections", read_only=True, idempotent=True, open_world=False)
async def list_my_connections(connections: CurrentConnections) -> list[ConnectedService]:
    """List the services where you can connect an account for this server, and which accounts are connected."""
    return [
        ConnectedService(
            provider=each.provider,
            name=each.name,
            state=each.state,
            scopes=list(each.scopes),
            is_shared=each.owner == "organization",
        )
        for each in await connections.list()
    ]
