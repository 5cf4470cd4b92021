"""Check the metadata that a client registers (RFC 7591 section 2), field by field."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from infra.local.authkit.errors import OAuthError
from infra.local.authkit.redirect_uris import redirect_uri_problem

AUTH_METHODS = ("none", "client_secret_post", "client_secret_basic")
GRANT_TYPES = ("authorization_code", "refresh_token")
PAGES = ("client_uri", "logo_uri", "tos_uri", "policy_uri")
Metadata = Mapping[str, object]


def auth_method(asked: Metadata) -> str:
    # The default of the RFC and of AuthKit, so public clients must register with "none".
    value = asked.get("token_endpoint_auth_method", "client_secret_basic")
    if not isinstance(value, str) or value not in AUTH_METHODS:
        raise invalid(f"token_endpoint_auth_method must be one of: {', '.join(AUTH_METHODS)}.")
    return value


def client_name(asked: Metadata) -> str:
    name = asked.get("client_name", "Unnamed client")
    if not isinstance(name, str) or not name.strip() or len(name) > 200:
        raise invalid("client_name must be a string of at most 200 characters.")
    return name


def redirect_uris(asked: Metadata) -> tuple[str, ...]:
    uris = asked.get("redirect_uris")
    if not isinstance(uris, list) or not 1 <= len(uris) <= 50:
        raise OAuthError("invalid_redirect_uri", "redirect_uris must be a list of 1 to 50 URIs.")
    for place, uri in enumerate(uris):
        if problem := redirect_uri_problem(uri):
            raise OAuthError("invalid_redirect_uri", f"redirect_uris[{place}] is refused: {problem}.")
    return tuple(uris)


def grant_types(asked: Metadata) -> tuple[str, ...]:
    # The default is authorization_code only: MCP clients that want refresh tokens say so.
    granted = asked.get("grant_types", ["authorization_code"])
    if not isinstance(granted, list) or any(each not in GRANT_TYPES for each in granted):
        raise invalid("grant_types may hold authorization_code and refresh_token.")
    if "authorization_code" not in granted:
        raise invalid("grant_types must hold authorization_code.")
    return tuple(each for each in GRANT_TYPES if each in granted)


def check_scope(asked: Metadata, allowed: tuple[str, ...]) -> None:
    scope = asked.get("scope", "")
    if not isinstance(scope, str) or set(scope.split()) - set(allowed):
        raise invalid(f"scope may hold: {' '.join(allowed)}.")


def check_response_types(asked: Metadata) -> None:
    if asked.get("response_types", ["code"]) != ["code"]:
        raise invalid('response_types must be ["code"].')


def check_pages(asked: Metadata) -> None:
    """Check the addresses to which a browser may be sent; real clients send "" if they have none."""
    for key in PAGES:
        if asked.get(key) and not _is_web_page(asked[key]):
            raise invalid(f"{key} must be an http or https address.")


def invalid(description: str) -> OAuthError:
    return OAuthError("invalid_client_metadata", description)


def _is_web_page(value: object) -> bool:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        return parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False
