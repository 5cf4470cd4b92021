"""The caller behind one access token, and how a tool asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import Depends

from app.current import Slot, on_loop

CallerKind: TypeAlias = Literal["user", "machine", "api_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the access token or the API key says about its caller. Reading a field never calls AuthKit or WorkOS.

    The defaults are for tests: `Session(permissions=frozenset({"reports:write"}))` says only what a test is about.
    They are safe because they grant nothing: nobody, in no organisation, without roles, permissions, flags or
    scopes, whose token has expired. The server never uses them: only the two `build_session` (app/auth/claims.py
    and app/auth/api_keys.py) make a Session, and tests/auth/test_session.py proves that they set every field.
    """

    user_id: str = ""
    """The token's `sub`: a WorkOS user id, or the application's id if `is_machine`.

    With an API key, the user who owns it; of an organisation's key, the id of the key itself.
    """
    session_id: str | None = None
    """AuthKit's `sid`: the consent that the token comes from. It is not an MCP session id."""
    organization_id: str | None = None
    """The organisation chosen at login, the token's `org_id`; None if the user belongs to none.

    With an API key, the one in which it works.
    """
    role: str | None = None
    """The first role, if your JWT template adds roles. MCP tokens have no permissions and flags: use Grants."""
    roles: tuple[str, ...] = ()
    """All roles, without duplicates."""
    permissions: frozenset[str] = frozenset()
    """Slugs of permissions. With an API key, those of the key, and the caller has no others."""
    feature_flags: frozenset[str] = frozenset()
    """Slugs of feature flags."""
    scopes: frozenset[str] = frozenset()
    """OAuth scopes that the user granted to this client."""
    client_id: str = ""
    """The MCP client that the user logged in with, the machine application, or the id of the API key."""
    token_id: str = ""
    """The token's `jti`, or the id of the API key."""
    issued_at: float = 0.0
    """The token's `iat`, or when the API key was made, in seconds since the epoch."""
    expires_at: float = 0.0
    """The token's `exp`, or the API key's expiry, in seconds since the epoch. Without expiry, in the year 9999."""
    is_machine: bool = False
    """Whether the caller is an application without a user (client credentials): `sub` equals `client_id`."""
    api_key_owner: Literal["user", "organization"] | None = None
    """Who owns the API key with which the caller came; None if it was an access token."""
    claims: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """The whole verified payload, read-only: lists are tuples. Empty with an API key."""

    @property
    def kind(self) -> CallerKind:
        """What the caller came with: a person's token, a machine application's, or an API key of either owner."""
        if self.api_key_owner is not None:
            return "api_key"
        return "machine" if self.is_machine else "user"

    @property
    def is_person(self) -> bool:
        """Whether a WorkOS user stands behind the caller: `user_id` is theirs. So it is with a user's API key."""
        return not self.is_machine and self.api_key_owner != "organization"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Refuse to become part of a schema, however deep: otherwise a tool argument could name another caller."""
        raise TypeError("a Session comes from the access token alone; take it as session: CurrentSession")


class NoSession(RuntimeError):
    """Raised outside a request, where there is no verified caller. It never falls back to another caller."""


current_session: Slot[Session] = Slot("session")


@on_loop
def get_session() -> Session:
    """Return the caller of the request that runs now.

    Raises:
        NoSession: outside a request: in import-time code, or in a thread that was started by hand.
    """
    try:
        return current_session.get()
    except LookupError:
        raise NoSession(
            "get_session() needs a request: call it inside a tool while it serves a call, or take the "
            "caller as a parameter (`session: CurrentSession`) and pass a Session in your test"
        ) from None


CurrentSession = Annotated[Session, Depends(get_session)]
"""A tool parameter of this type receives the caller and stays out of the tool's schema."""
