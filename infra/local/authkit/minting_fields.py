"""The fields that `/_local/token` takes, each checked for its type."""

from collections.abc import Mapping

from infra.local.authkit.errors import OAuthError
from infra.local.authkit.signing_keys import Claims

Body = Mapping[str, object]
KEYS = frozenset(
    {
        "user",
        "organization",
        "scope",
        "audience",
        "resource",
        "lifetime",
        "machine",
        "web_session",
        "impersonator",
        "claims",
        "client_id",
    }
)
_OF_USERS = ("user", "organization", "impersonator")
_OF_MCP_CLIENTS = ("machine", "scope", "resource", "client_id")


def check_fields(body: Body) -> None:
    if unknown := sorted(set(body) - KEYS):
        raise wrong(f"{unknown[0][:40]!r} is not a field; use: {', '.join(sorted(KEYS))}.")


def string(body: Body, name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise wrong(f"{name} must be a string.")
    return value or None


def asked_machine(body: Body) -> str | bool:
    """Read `machine`: the name or id of a machine application, True for the first one, False for a user."""
    machine = body.get("machine", False)
    if not isinstance(machine, bool | str) or machine == "":
        raise wrong("machine must be true or false, or the name or client id of a machine application.")
    if machine and (extra := [name for name in _OF_USERS if body.get(name) is not None]):
        raise wrong(f"machine and {extra[0]} exclude each other: a machine is its application's, not a user's.")
    return machine


def asks_web_session(body: Body) -> bool:
    """Read `web_session`: whether to make the token of a web application's sign-in, which only users have."""
    asked = body.get("web_session", False)
    if not isinstance(asked, bool):
        raise wrong("web_session must be true or false.")
    if asked and (extra := [name for name in _OF_MCP_CLIENTS if body.get(name)]):
        raise wrong(f"web_session and {extra[0]} exclude each other: no MCP client was let in with such a token.")
    return asked


def lifetime(body: Body, default: int) -> int:
    seconds = body.get("lifetime", default)
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise wrong("lifetime must be a whole number of seconds; negative for an expired token.")
    return seconds


def overrides(body: Body) -> Claims:
    claims = body.get("claims", {})
    if not isinstance(claims, dict):
        raise wrong("claims must be an object.")
    return claims


def wrong(description: str) -> OAuthError:
    return OAuthError("invalid_request", description)
