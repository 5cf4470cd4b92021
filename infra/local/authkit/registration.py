"""`/oauth2/register`: dynamic client registration (RFC 7591), as AuthKit allows it to MCP clients."""

import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit import client_metadata
from infra.local.authkit.client_metadata import Metadata, invalid
from infra.local.authkit.clients import Client, Clients, sha256
from infra.local.authkit.errors import NO_STORE
from infra.local.authkit.expiring import Clock
from infra.local.authkit.identifiers import new_id
from infra.local.authkit.json_objects import read_object
from infra.local.authkit.parameters import bounded_body


@dataclass(frozen=True, slots=True)
class Registration:
    clients: Clients
    scopes: tuple[str, ...]
    clock: Clock

    async def answer(self, request: Request) -> Response:
        asked = await _metadata(request)
        client_metadata.check_response_types(asked)
        client_metadata.check_pages(asked)
        client_metadata.check_scope(asked, self.scopes)
        method = client_metadata.auth_method(asked)
        secret = None if method == "none" else secrets.token_urlsafe(32)
        client = Client(
            client_id=new_id("client"),
            name=client_metadata.client_name(asked),
            redirect_uris=client_metadata.redirect_uris(asked),
            grant_types=client_metadata.grant_types(asked),
            auth_methods=(method,),
            secret_sha256=sha256(secret) if secret else None,
        )
        answer = JSONResponse(self._information(client, secret), 201, NO_STORE)
        # Store it last, so that a request that fails leaves nothing behind.
        self.clients.register(client)
        return answer

    def _information(self, client: Client, secret: str | None) -> dict[str, object]:
        """The registered metadata, including defaults and replaced values (RFC 7591 section 3.2.1)."""
        secret_fields = {"client_secret": secret, "client_secret_expires_at": 0} if secret else {}
        return {
            "client_id": client.client_id,
            "client_id_issued_at": int(self.clock()),
            **secret_fields,
            "client_name": client.name,
            "redirect_uris": list(client.redirect_uris),
            "token_endpoint_auth_method": client.auth_methods[0],
            "grant_types": list(client.grant_types),
            "response_types": ["code"],
            # All scopes that dynamic clients of the environment may have, not only the requested ones: WorkOS sets
            # them for the whole environment. Whether AuthKit later limits a client to `scope` is not known.
            "scope": " ".join(self.scopes),
        }


async def _metadata(request: Request) -> Metadata:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise invalid("The body must be application/json.")
    try:
        return read_object(await bounded_body(request))
    except ValueError:
        raise invalid("The body must be a JSON object.") from None
