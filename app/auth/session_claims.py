"""A verified payload as a Session."""

from types import MappingProxyType

from app.auth.claims import Claims, optional_text, read_only, required_text, required_time, text_list
from app.auth.session import Session


def session_of(claims: Claims) -> Session:
    """Raises: TokenRefused, for a claim that is missing or of the wrong kind."""
    subject, client = required_text(claims, "sub"), required_text(claims, "client_id")
    roles = text_list(claims, "roles")
    named = text_list(claims, "role")
    return Session(
        user_id=subject,
        session_id=optional_text(claims, "sid"),
        organization_id=optional_text(claims, "org_id"),
        role=(named + roles or (None,))[0],
        roles=tuple(dict.fromkeys(named + roles)),
        permissions=frozenset(text_list(claims, "permissions")),
        feature_flags=frozenset(text_list(claims, "feature_flags")),
        scopes=frozenset(_scopes(claims)),
        client_id=client,
        token_id=required_text(claims, "jti"),  # an ID token has none
        issued_at=required_time(claims, "iat"),
        expires_at=required_time(claims, "exp"),
        is_machine=subject == client,
        claims=MappingProxyType({name: read_only(value) for name, value in claims.items()}),
    )


def _scopes(claims: Claims) -> list[str]:
    # RFC 9068 section 2.2.3: one space-delimited string; a template may make it a list.
    return [scope for entry in text_list(claims, "scope") for scope in entry.split(" ") if scope]
