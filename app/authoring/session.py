"""`make_session`: a caller for tests, which call a tool as a function: `await greet("Ada", make_session())`."""

from collections.abc import Iterable
from types import MappingProxyType

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
) -> Session:
    """The session of a caller with these values; all others are those of a token without a JWT template.

    A machine application has its `client_id` as its `user_id`.
    """
    subject = client_id if is_machine else user_id
    claims = {"sub": subject, "client_id": client_id, "org_id": organization_id}
    return Session(
        user_id=subject,
        session_id=None if is_machine else "app_consent_01TEST",
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
        claims=MappingProxyType(claims),
    )
