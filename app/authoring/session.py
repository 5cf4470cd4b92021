"""`make_session`: a caller for tests, which call a tool as a function: `await greet("Ada", make_session())`."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Literal

from app.auth.session import Session


def make_session(
    *,
    user_id: str = "user_01TEST",
    organization_id: str | None = "org_01TEST",
    role: str | None = None,
    permissions: Iterable[str] = (),
    feature_flags: Iterable[str] = (),
    scopes: Iterable[str] = (),
    client_id: str = "client_01TEST",
    is_machine: bool = False,
    api_key_owner: Literal["user", "organization"] | None = None,
) -> Session:
    """The session of a caller with these values; all others are those of a token without a JWT template.

    A machine application, and an API key that an organisation owns, have their `client_id` as their `user_id`.

    Raises:
        ValueError: for a caller that cannot be, such as an API key with scopes.
    """
    if api_key_owner and (is_machine or role or scopes or feature_flags or organization_id is None):
        raise ValueError("an API key is not a machine, works in one organisation, and has no role, scope or flag")
    subject = client_id if is_machine or api_key_owner == "organization" else user_id
    claims = {"sub": subject, "client_id": client_id, "org_id": organization_id}
    return Session(
        user_id=subject,
        session_id=None if is_machine or api_key_owner else "app_consent_01TEST",
        organization_id=organization_id,
        role=role,
        roles=(role,) if role else (),
        permissions=frozenset(permissions),
        feature_flags=frozenset(feature_flags),
        scopes=frozenset(scopes),
        client_id=client_id,
        token_id="01TEST",  # noqa: S106 - an id
        issued_at=0.0,
        expires_at=300.0,
        is_machine=is_machine,
        api_key_owner=api_key_owner,
        claims=MappingProxyType({} if api_key_owner else claims),
    )
