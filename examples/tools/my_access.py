"""The roles, permissions and features of any caller, and whether the token, the key or WorkOS named them."""

from pydantic import BaseModel

from app.authoring import CurrentGrants, any_of, anyone, api_key, tool


class Held(BaseModel):
    roles: list[str]
    permissions: list[str]
    features: list[str]
    source: str


@tool(title="My access", read_only=True, idempotent=True, open_world=False, requires=any_of(anyone(), api_key()))
async def my_access(grants: CurrentGrants) -> Held:
    """Show your roles, permissions and features in the organisation that you are logged in to."""
    roles, permissions = await grants.roles(), await grants.permissions()
    features = await grants.flags("organization")
    return Held(
        roles=sorted(roles), permissions=sorted(permissions), features=sorted(features), source=grants.source
    )
