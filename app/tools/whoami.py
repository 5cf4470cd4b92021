"""Who the caller is, as this server sees it."""

from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel

from app.authoring import CurrentSession, any_of, anyone, api_key, tool

_LATEST = 253402300799
"""The last second that a datetime can name."""


class Caller(BaseModel):
    """The caller behind the access token."""

    user_id: str
    organization_id: str | None
    client_id: str
    scopes: list[str]
    role: str | None
    permissions: list[str]
    is_machine: bool
    expires_at: AwareDatetime


@tool(
    title="Who am I",
    read_only=True,
    idempotent=True,
    open_world=False,
    requires=any_of(anyone(), api_key()),  # everybody whom the server lets in
)
async def whoami(session: CurrentSession) -> Caller:
    """Tell which user and organisation you are logged in as, with which scopes, and until when.

    The role and the permissions are those that the token names; WorkOS, which tools ask, may know of more.
    """
    return Caller(
        user_id=session.user_id,
        organization_id=session.organization_id,
        client_id=session.client_id,
        scopes=sorted(session.scopes),
        role=session.role,
        permissions=sorted(session.permissions),
        is_machine=session.is_machine,
        expires_at=datetime.fromtimestamp(min(session.expires_at, _LATEST), UTC),
    )
