"""Background tools that tell whom they work for, and use what this caller has elsewhere."""

from typing import Annotated, Any

from pydantic import BaseModel

from app.authoring import (
    Account,
    Background,
    CurrentConnections,
    CurrentGrants,
    CurrentSession,
    CurrentTenant,
    CurrentWork,
    WorkOS,
    any_of,
    anyone,
    api_key,
    connected,
    permission,
    tool,
)

EVERYBODY = any_of(anyone(), api_key())


class Facts(BaseModel):
    """What the worker knows of the caller."""

    kind: str
    owner: str | None
    user_id: str
    organization_id: str | None
    client_id: str
    has_claims: bool
    permissions: list[str]
    roles: list[str]


@tool(background=True, requires=EVERYBODY)
async def tell_caller(session: CurrentSession, grants: CurrentGrants, work: CurrentWork) -> Facts:
    """Tell who the caller is, after a pause."""
    await work.sleep(minutes=30)
    return Facts(
        kind=session.kind,
        owner=session.api_key_owner,
        user_id=session.user_id,
        organization_id=session.organization_id,
        client_id=session.client_id,
        has_claims=bool(session.claims),
        permissions=sorted(await grants.permissions()),
        roles=sorted(await grants.roles()),
    )


@tool(background=True, requires=EVERYBODY)
async def name_tenant(tenant: CurrentTenant, workos: WorkOS) -> list[str]:
    """Name the organisation of the caller, asked for in two ways."""
    return [(await tenant.organization()).name, (await workos.organizations.get_organization(tenant.id)).name]


@tool(background=True, requires=[EVERYBODY, permission("reports:write")])
def write_report() -> str:
    """For callers with a permission."""
    return "written"


GitHub = Annotated[Account, connected("github", scopes=["repo"])]


async def find_login(github: Account) -> str:
    answer = await github.http.get("https://api.github.com/user")
    login: str = answer.json()["login"]
    return login


@tool(background=True, requires=EVERYBODY)
async def watch_github(github: GitHub, work: CurrentWork) -> str:
    """Look who the caller is at GitHub, before and after a pause."""
    before = await work.step("before", find_login, github)
    await work.sleep(minutes=10)
    return f"{before} {await find_login(github)}"


@tool(background=True)
async def look_at_github(github: GitHub) -> str:
    """The same once, without steps."""
    return await find_login(github)


async def read_login(github: GitHub) -> str:
    return await find_login(github)


@tool(background=Background(before=read_login))
async def look_first(work: CurrentWork) -> str:
    """Use the account in the call alone."""
    return str(work.before)


@tool(background=True)
async def list_connected(connections: CurrentConnections) -> list[dict[str, Any]]:
    """List what the caller has connected."""
    return [{"provider": each.provider, "state": each.state} for each in await connections.list()]
