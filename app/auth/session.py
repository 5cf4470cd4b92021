"""The caller behind one access token, and how a tool asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends

from app.current import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the verified access token says about its caller. No network call is behind any field."""

    user_id: str
    """The token's `sub`: a WorkOS user id, or the application's id if `is_machine`."""
    session_id: str | None
    """AuthKit's `sid`, the consent that the token comes from. Never an MCP session id."""
    organization_id: str | None
    """The organisation chosen at login; None if the user belongs to none."""
    role: str | None
    """In the token only if the environment's JWT template puts it there; so are the next three."""
    roles: tuple[str, ...]
    permissions: frozenset[str]
    feature_flags: frozenset[str]
    scopes: frozenset[str]
    client_id: str
    """The MCP client that the user logged in with, or the machine application."""
    token_id: str
    issued_at: float
    """Seconds since the epoch, as `expires_at`."""
    expires_at: float
    is_machine: bool
    claims: Mapping[str, Any]
    """The whole verified payload, read-only."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """No schema, so no tool argument can contain a Session, however deep: a client would choose its caller."""
        raise TypeError("a Session comes from the access token alone; take it as session: CurrentSession")


class NoSession(RuntimeError):
    """Raised where there is no verified caller: outside a request. It never falls back to another one."""


_current: Slot[Session] = Slot("session")


def get_session() -> Session:
    """The caller of the request that is being served.

    Raises:
        NoSession: outside a request, in import-time code or in a thread that was started by hand.
    """
    try:
        return _current.get()
    except LookupError:
        raise NoSession(
            "get_session() needs a request: call it inside a tool while it serves a call, or take the "
            "caller as a parameter (`session: CurrentSession`) and pass a Session in your test"
        ) from None


def bind_session(session: Session) -> None:
    """Make `session` the caller for the rest of this request's context."""
    _current.bind(session)


CurrentSession = Annotated[Session, Depends(get_session)]
"""A tool parameter of this type receives the caller and stays out of the tool's schema."""
