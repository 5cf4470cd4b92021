"""Find out which client calls, and whether it is who it says (RFC 6749 section 2.3)."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import unquote_plus

from starlette.requests import Request

from infra.local.authkit.clients import Client, Clients
from infra.local.authkit.errors import InvalidClientError, OAuthError


async def authenticate(request: Request, form: Mapping[str, str], clients: Clients) -> Client:
    """The client behind a request, found before anything else is looked at, as in AuthKit.

    Raises:
        InvalidClientError: if the client is unknown or its secret is wrong or missing.
        OAuthError: if it proves itself in two ways at once.
    """
    client_id, secret = _credentials(request, form)
    if client_id is None:
        raise InvalidClientError("Missing authorization header.")
    client = await clients.find(client_id)
    if client is None:
        raise InvalidClientError("Application not found.")
    if client.secret_sha256 is None and secret is not None:
        raise InvalidClientError("A public client has no secret.")
    if client.secret_sha256 is not None and (secret is None or not client.accepts_secret(secret)):
        raise InvalidClientError("Missing authorization header." if secret is None else "Invalid client secret.")
    return client


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str | None, str | None]:
    header = request.headers.get("authorization")
    if header is None:
        return form.get("client_id"), form.get("client_secret")
    client_id, secret = _basic(header)
    # RFC 6749 section 2.3: one method at a time; repeating the id in the body is no second method.
    if "client_secret" in form or form.get("client_id", client_id) != client_id:
        raise OAuthError("invalid_request", "Use one way of client authentication.")
    return client_id, secret


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
