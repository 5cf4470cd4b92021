"""From verified claims to a Session: typed reads, and a read-only copy of the payload."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app.auth.refusals import Reason, TokenRefused
from app.auth.session import Session

Claims = Mapping[str, object]
MAX_CLAIM_DEPTH = 32
"""Levels of lists and objects in one claim. A JWT template of WorkOS makes a handful."""


def build_session(claims: Claims) -> Session:
    """Read the caller from the payload of a token whose signature was checked.

    Raises:
        TokenRefused: a claim is missing, or has the wrong type.
    """
    subject, client = read_required_text(claims, "sub"), read_required_text(claims, "client_id")
    roles = read_text_list(claims, "roles")
    first_roles = read_text_list(claims, "role")
    return Session(
        user_id=subject,
        session_id=read_optional_text(claims, "sid"),
        organization_id=read_optional_text(claims, "org_id"),
        role=(first_roles + roles or (None,))[0],
        roles=tuple(dict.fromkeys(first_roles + roles)),
        permissions=frozenset(read_text_list(claims, "permissions")),
        feature_flags=frozenset(read_text_list(claims, "feature_flags")),
        scopes=frozenset(_read_scopes(claims)),
        client_id=client,
        token_id=read_required_text(claims, "jti"),  # an ID token has no jti, and is refused here
        issued_at=read_required_time(claims, "iat"),
        expires_at=read_required_time(claims, "exp"),
        is_machine=subject == client,  # WorkOS docs, Connect, M2M applications: `sub` is the application
        api_key_owner=None,
        claims=MappingProxyType({name: _make_read_only(value) for name, value in claims.items()}),
    )


def read_required_text(claims: Claims, name: str) -> str:
    """Read a claim that must be a non-empty string.

    Raises:
        TokenRefused: it is missing, empty, or not text.
    """
    value = claims.get(name)
    if value is None:
        raise TokenRefused(Reason.MISSING_CLAIM, detail=name)
    if not isinstance(value, str) or not value or not _is_unicode(value):
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail=name)
    return value


def read_optional_text(claims: Claims, name: str) -> str | None:
    """Read a claim that may be absent, null or a string; an empty string counts as absent.

    Raises:
        TokenRefused: it has another type.
    """
    value = claims.get(name)
    if value is not None and not (isinstance(value, str) and _is_unicode(value)):
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail=name)
    return value or None


def read_required_time(claims: Claims, name: str) -> float:
    """Read a NumericDate (RFC 7519 section 2): seconds since the epoch, finite. A boolean is refused.

    Raises:
        TokenRefused: it is missing, or not such a number.
    """
    value = claims.get(name)
    if value is None:
        raise TokenRefused(Reason.MISSING_CLAIM, detail=name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail=name)
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds):
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail=name)
    return seconds


def read_text_list(claims: Claims, name: str) -> tuple[str, ...]:
    """Read a claim that a JWT template may render as one string, as a list, or leave out.

    Values of other types are left out: they grant nothing.
    """
    value = claims.get(name)
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list):
        return tuple(item for item in value if isinstance(item, str) and item)
    return ()


def _read_scopes(claims: Claims) -> list[str]:
    # RFC 9068 section 2.2.3: one string with spaces between the scopes; a JWT template may make it a list.
    return [scope for entry in read_text_list(claims, "scope") for scope in entry.split(" ") if scope]


def _is_unicode(text: str) -> bool:
    """Return False for half of a surrogate pair (RFC 8259 section 8.2): no log line can hold it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _make_read_only(value: Any, *, levels: int = MAX_CLAIM_DEPTH) -> Any:
    """Copy a JSON value so that no code can change it later.

    Raises:
        TokenRefused: it is nested too deeply. Without this bound, Python's own limit would give an answer 500.
    """
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail="nesting")
    if isinstance(value, dict):
        return MappingProxyType(
            {str(key): _make_read_only(item, levels=levels - 1) for key, item in value.items()}
        )
    return tuple(_make_read_only(item, levels=levels - 1) for item in value)
