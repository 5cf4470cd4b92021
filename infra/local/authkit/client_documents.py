"""Clients whose id is the https address of a document about them (CIMD).

draft-ietf-oauth-client-id-metadata-document: the document is fetched, checked and cached. The log says what
is wrong with a document; the client only learns that the application is not found.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from infra.local.authkit.client_metadata import GRANT_TYPES
from infra.local.authkit.clients import Client
from infra.local.authkit.expiring import Clock, Expiring
from infra.local.authkit.json_objects import read_object
from infra.local.authkit.public_fetch import FetchError
from infra.local.authkit.redirect_uris import redirect_uri_problem

CACHE_SECONDS = 600
Fetch = Callable[[str], Awaitable[bytes]]

logger = logging.getLogger(__name__)


class DocumentError(Exception):
    """The document does not describe the client whose id is its address."""


class ClientDocuments:
    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._kept: Expiring[Client] = Expiring(CACHE_SECONDS, clock)

    async def find(self, url: str) -> Client | None:
        if kept := self._kept.get(url):
            return kept
        try:
            _check_url(url)
            client = _client(url, await self._fetch(url))
        except (FetchError, DocumentError) as error:
            logger.warning("client metadata document %r refused: %s", url[:200], error)
            return None
        self._kept.put(url, client)
        return client


def _check_url(url: str) -> None:
    """Check the form that the draft requires: https, a path, and nothing that hides where the URL leads."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise DocumentError("the address is not a URL") from None
    plain = redirect_uri_problem(url) is None and parts.scheme == "https" and host
    if not plain or parts.path in ("", "/") or {".", ".."} & set(parts.path.split("/")):
        raise DocumentError("the address must be https with a path, without user, fragment or dot segments")


def _client(url: str, body: bytes) -> Client:
    try:
        document = read_object(body)
    except ValueError as error:
        raise DocumentError(f"it cannot be read: {error}") from None
    if document.get("client_id") != url:
        raise DocumentError("its client_id is not its address")
    # Nobody can share a secret with a public document.
    if document.get("token_endpoint_auth_method") != "none" or "client_secret" in document:
        raise DocumentError("its token_endpoint_auth_method is not none")
    name = document.get("client_name")
    if not isinstance(name, str) or not 1 <= len(name) <= 200:
        raise DocumentError("its client_name is missing or too long")
    uris = _redirect_uris(document.get("redirect_uris"))
    return Client(url, name, uris, _grant_types(document), ("none",), scopes=_scopes(document))


def _redirect_uris(uris: object) -> tuple[str, ...]:
    if not isinstance(uris, list) or not uris or any(redirect_uri_problem(uri) for uri in uris):
        raise DocumentError("its redirect_uris are missing or not allowed")
    return tuple(uris)


def _grant_types(document: Mapping[str, object]) -> tuple[str, ...]:
    """The grant types that this server has. A document is for all servers and may name more."""
    named = document.get("grant_types", ["authorization_code"])
    if not isinstance(named, list) or "authorization_code" not in named:
        raise DocumentError("its grant_types do not hold authorization_code")
    return tuple(each for each in GRANT_TYPES if each in named)


def _scopes(document: Mapping[str, object]) -> tuple[str, ...] | None:
    scope = document.get("scope", "")
    if not isinstance(scope, str):
        raise DocumentError("its scope is not a string")
    return tuple(scope.split()) or None
