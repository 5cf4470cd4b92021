"""Identify and authenticate the client of a request (RFC 6749 section 2.3)."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from starlette.requests import Request

from infra.local.authkit.clients import Client, Clients
from infra.local.authkit.errors import InvalidClientError, OAuthError


@dataclass(frozen=True, slots=True)
class _Credentials:
    client_id: str | None
    secret: str | None
    method: str
    """One of `token_endpoint_auth_method` (RFC 7591 section 2)."""


async def authenticate(request: Request, form: Mapping[str, str], clients: Clients) -> Client:
    """Authenticate the client of a request, before anything else is checked, as in AuthKit.

    Raises:
        InvalidClientError: if the client is unknown, its secret is wrong or missing, or comes in
            another way than the client is registered for.
        OAuthError: if it uses two ways at once.
    """
    credentials = _credentials(request, form)
    if credentials.client_id is None:
        raise InvalidClientError("Missing authorization header.")
    client = await clients.find(credentials.client_id)
    if client is None:
        raise InvalidClientError("Application not found.")
    _check_secret(client, credentials.secret)
    if credentials.method not in client.auth_methods:
        raise InvalidClientError(f"The client is registered for {client.auth_methods[0]}.")
    return client


def _check_secret(client: Client, secret: str | None) -> None:
    if client.secret_sha256 is None and secret is not None:
        raise InvalidClientError("A public client has no secret.")
    if client.secret_sha256 is not None and (secret is None or not client.accepts_secret(secret)):
        raise InvalidClientError("Missing authorization header." if secret is None else "Invalid client secret.")


def _credentials(request: Request, form: Mapping[str, str]) -> _Credentials:
    header = request.headers.get("authorization")
    if header is None:
        secret = form.get("client_secret")
        return _Credentials(form.get("client_id"), secret, "none" if secret is None else "client_secret_post")
    client_id, secret = _basic(header)
    # RFC 6749 section 2.3: one method at a time; repeating the id in the body is not a second method.
    if "client_secret" in form or form.get("client_id", client_id) != client_id:
        raise OAuthError("invalid_request", "Use one way of client authentication.")
    return _Credentials(client_id, secret, "client_secret_basic")


def _basic(header: str) -> tuple[str, str | None]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise InvalidClientError("The authorization header must be Basic.")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidClientError("The authorization header is malformed.") from None
    client_id, colon, secret = decoded.partition(":")
    if not colon:
        raise InvalidClientError("The authorization header is malformed.")
    # RFC 6749 section 2.3.1: both parts are form-encoded first.
    return unquote_plus(client_id), unquote_plus(secret) or None
