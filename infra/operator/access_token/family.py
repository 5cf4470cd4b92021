"""Identify the family of a WorkOS token by its claims. One key may sign all families."""

from enum import StrEnum

from infra.operator.access_token.decoded import Decoded, Members


class Family(StrEnum):
    USER = "Connect user token"
    MACHINE = "Connect M2M token"
    ID = "ID token"
    SESSION = "AuthKit session token"
    API_KEY = "WorkOS API key"
    OTHER = "JWT that is not from WorkOS"
    OPAQUE = "text that is not a JWT"

    @property
    def is_for_mcp(self) -> bool:
        return self in (Family.USER, Family.MACHINE)


def identify_family(token: str, decoded: Decoded | None) -> Family:
    if token.startswith("sk_") and "." not in token:
        return Family.API_KEY
    if decoded is None or decoded.claims is None:
        return Family.OPAQUE
    return _identify_by_claims(decoded.claims)


def is_web_session(claims: Members) -> bool:
    """Whether a web application got the token when its user signed in, without granting a scope to any client."""
    return _starts(claims, "sid", "session_") and claims.get("scope") is None


def _identify_by_claims(claims: Members) -> Family:
    if is_web_session(claims) or "/user_management/" in str(claims.get("iss")):
        return Family.SESSION
    if claims.get("client_id") and claims.get("client_id") == claims.get("sub"):
        return Family.MACHINE
    if claims.get("client_id"):
        return Family.USER
    if _starts(claims, "sid", "session_"):
        return Family.SESSION
    if "jti" not in claims and _starts(claims, "sub", "user_"):
        return Family.ID
    return Family.OTHER


def _starts(claims: Members, name: str, prefix: str) -> bool:
    return str(claims.get(name, "")).startswith(prefix)
