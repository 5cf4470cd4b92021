"""The caller as JSON, for the worker of background work. Neither the access token nor the API key is in it."""

from collections.abc import Mapping
from typing import Any

from app.auth import api_keys, claims
from app.auth.session import Session


def write_session(session: Session) -> dict[str, Any]:
    """What `read_session` makes an equal Session from: the verified claims, or what WorkOS said about the key."""
    if session.api_key_owner is None:
        return {"claims": _copy(session.claims)}
    is_users = session.api_key_owner == "user"
    return {
        "api_key": {
            "id": session.client_id,
            "owner": session.api_key_owner,
            "owner_id": session.user_id if is_users else session.organization_id,
            "organization_id": session.organization_id,
            "permissions": sorted(session.permissions),  # equal callers have equal payloads
            "created_at": session.issued_at,
            "expires_at": session.expires_at,
        }
    }


def read_session(written: Mapping[str, Any]) -> Session:
    """The caller who began the work. Their token or key may have expired since, or may have been revoked."""
    if "claims" in written:
        return claims.build_session(written["claims"])
    key = written["api_key"]
    return api_keys.build_session(api_keys.ApiKey(**{**key, "permissions": frozenset(key["permissions"])}))


def _copy(value: Any) -> Any:
    """A claim as JSON has it; the session holds read-only copies."""
    if isinstance(value, Mapping):
        return {name: _copy(each) for name, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, tuple) else value
