"""The two well-known documents through which a client finds AuthKit."""

import json
import logging
import math
from collections.abc import Callable

from app.auth.challenge import DEFAULT_SCOPES
from app.auth.fetch import Fetch, FetchFailed

logger = logging.getLogger(__name__)

PROTECTED_RESOURCE_PATH = "/.well-known/oauth-protected-resource"
AUTHORIZATION_SERVER_PATH = "/.well-known/oauth-authorization-server"

MAX_AGE_SECONDS = 3600.0
"""AuthKit's document is served for so long before it is fetched again."""
RETRY_SECONDS = 30.0
"""After a failed fetch AuthKit is not asked for so long; the last good document or the fallback is served."""
MAX_FETCH_SECONDS = 5.0

OFFLINE_ACCESS = "offline_access"
"""The scope for which AuthKit gives a refresh token (OpenID Connect Core section 11)."""


def protected_resource_metadata(
    *,
    resource: str,
    issuer: str,
    scopes: tuple[str, ...] = (),
    docs_url: str | None = None,
    advertise_offline_access: bool = True,
) -> bytes:
    """The document of RFC 9728 section 2. It is made once, so serving it needs no key, network or import.

    With `advertise_offline_access` it also names that scope, last. Some clients ask for the scopes of this
    document alone, and would get no refresh token without it (docs/decisions/0029-offline-access.md).
    """
    offline = (OFFLINE_ACCESS,) if advertise_offline_access else ()
    document: dict[str, object] = {
        "resource": resource,
        # One entry, AuthKit's issuer byte for byte: clients use the first entry and compare it exactly.
        "authorization_servers": [issuer],
        "bearer_methods_supported": ["header"],
        "scopes_supported": list(dict.fromkeys((*DEFAULT_SCOPES, *scopes, *offline))),
    }
    if docs_url:
        document["resource_documentation"] = docs_url
    return _dump(document)


class AuthorizationServerMirror:
    """AuthKit's RFC 8414 document, unchanged, for clients that look for it at this server's origin."""

    def __init__(self, issuer: str, fetch: Fetch, clock: Callable[[], float]) -> None:
        self._issuer = issuer
        self._url = issuer + AUTHORIZATION_SERVER_PATH
        self._fetch = fetch
        self._clock = clock
        self._document = fallback_metadata(issuer)
        self._ask_again_at = -math.inf

    async def document(self) -> bytes:
        """AuthKit's own bytes. While AuthKit cannot be reached: the last good ones, or else a static fallback."""
        now = self._clock()
        if now >= self._ask_again_at or now < self._ask_again_at - MAX_AGE_SECONDS:  # the clock was set back
            await self._refresh()
        return self._document

    async def _refresh(self) -> None:
        # Set before the fetch: requests that arrive meanwhile are answered with the document that is there.
        self._ask_again_at = self._clock() + RETRY_SECONDS
        try:
            document = await self._fetch(self._url, seconds=MAX_FETCH_SECONDS)
            self._check(document)
        except FetchFailed as failure:
            logger.warning(
                "authorization server metadata could not be fetched",
                extra={"reason": "metadata_fetch", "detail": str(failure)},
            )
        else:
            self._document, self._ask_again_at = document, self._clock() + MAX_AGE_SECONDS

    def _check(self, document: bytes) -> None:
        try:
            issuer = json.loads(document.decode())["issuer"]
        except (ValueError, RecursionError, KeyError, TypeError):
            raise FetchFailed("not authorization server metadata") from None
        if issuer != self._issuer:  # RFC 8414 section 3.3
            raise FetchFailed("the document names another issuer than WORKOS_AUTHKIT_DOMAIN")


def fallback_metadata(issuer: str) -> bytes:
    """The members that are the same in every AuthKit environment.

    It does not say how clients register (CIMD, DCR), because that is a switch in the dashboard: a client that is
    told of CIMD where it is off sends the URL of its document as client_id, and AuthKit knows no such client.
    """
    return _dump(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth2/authorize",
            "token_endpoint": f"{issuer}/oauth2/token",
            "jwks_uri": f"{issuer}/oauth2/jwks",
            "introspection_endpoint": f"{issuer}/oauth2/introspection",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "scopes_supported": ["email", "offline_access", "openid", "profile"],
            # MCP clients must refuse a server whose metadata does not name S256.
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
        }
    )


def _dump(document: dict[str, object]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
