"""`/oauth2/register`: dynamic client registration (RFC 7591), as AuthKit allows it to MCP clients."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.clients import Client, Clients, sha256
from infra.local.authkit.errors import NO_STORE, OAuthError
from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id
from infra.local.authkit.parameters import bounded_body
from infra.local.authkit.redirect_uris import redirect_uri_problem

AUTH_METHODS = ("none", "client_secret_post", "client_secret_basic")
GRANT_TYPES = ("authorization_code", "refresh_token")
Metadata = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Registration:
    clients: Clients
    scopes: tuple[str, ...]
    clock: Clock

    async def answer(self, request: Request) -> Response:
        asked = _object(await bounded_body(request))
        # AuthKit's default (RFC 7591 section 2), which is why public clients must say "none".
        method = _choice(asked, "token_endpoint_auth_method", AUTH_METHODS, "client_secret_basic")
        secret = None if method == "none" else secrets.token_urlsafe(32)
        scope = _scope(asked, self.scopes)
        client = Client(
            client_id=new_id("client"),
            name=_name(asked),
            redirect_uris=_redirect_uris(asked),
            grant_types=_grant_types(asked),
            secret_sha256=sha256(secret) if secret else None,
        )
        _response_types(asked)
        self.clients.register(client)
        return JSONResponse(self._information(client, method, secret, scope), 201, NO_STORE)

    def _information(self, client: Client, method: str, secret: str | None, scope: str) -> dict[str, object]:
        """What was registered, defaults included (RFC 7591 section 3.2.1)."""
        secret_fields = {"client_secret": secret, "client_secret_expires_at": 0} if secret else {}
        return {
            "client_id": client.client_id,
            "client_id_issued_at": int(self.clock()),
            **secret_fields,
            "client_name": client.name,
            "redirect_uris": list(client.redirect_uris),
            "token_endpoint_auth_method": method,
            "grant_types": list(client.grant_types),
            "response_types": ["code"],
            "scope": scope,
        }


def _object(body: bytes) -> Metadata:
    try:
        asked = json.loads(body)
    except ValueError:
        raise _invalid("The body must be a JSON object.") from None
    if not isinstance(asked, dict):
        raise _invalid("The body must be a JSON object.")
    return asked


def _choice(asked: Metadata, key: str, choices: tuple[str, ...], default: str) -> str:
    value = asked.get(key, default)
    if not isinstance(value, str) or value not in choices:
        raise _invalid(f"{key} must be one of: {', '.join(choices)}.")
    return value


def _name(asked: Metadata) -> str:
    name = asked.get("client_name", "Unnamed client")
    if not isinstance(name, str) or not name.strip() or len(name) > 200:
        raise _invalid("client_name must be a string of at most 200 characters.")
    return name


def _redirect_uris(asked: Metadata) -> tuple[str, ...]:
    uris = asked.get("redirect_uris")
    if not isinstance(uris, list) or not 1 <= len(uris) <= 50:
        raise OAuthError("invalid_redirect_uri", "redirect_uris must be a list of 1 to 50 URIs.")
    for place, uri in enumerate(uris):
        if problem := redirect_uri_problem(uri):
            raise OAuthError("invalid_redirect_uri", f"redirect_uris[{place}] is refused: {problem}.")
    return tuple(uris)


def _grant_types(asked: Metadata) -> tuple[str, ...]:
    granted = asked.get("grant_types", list(GRANT_TYPES))
    if not isinstance(granted, list) or any(each not in GRANT_TYPES for each in granted):
        raise _invalid("grant_types may hold authorization_code and refresh_token.")
    if "authorization_code" not in granted:
        raise _invalid("grant_types must hold authorization_code.")
    return tuple(each for each in GRANT_TYPES if each in granted)


def _response_types(asked: Metadata) -> None:
    if asked.get("response_types", ["code"]) != ["code"]:
        raise _invalid('response_types must be ["code"].')


def _scope(asked: Metadata, allowed: tuple[str, ...]) -> str:
    scope = asked.get("scope", " ".join(allowed))
    if not isinstance(scope, str) or set(scope.split()) - set(allowed):
        raise _invalid(f"scope may hold: {' '.join(allowed)}.")
    return " ".join(scope.split())


def _invalid(description: str) -> OAuthError:
    return OAuthError("invalid_client_metadata", description)
