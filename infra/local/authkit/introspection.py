"""`/oauth2/introspection` (RFC 7662), open to the applications of the environment."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.client_authentication import authenticate
from infra.local.authkit.clients import Clients
from infra.local.authkit.consents import Consents
from infra.local.authkit.errors import NO_STORE, InvalidClientError, OAuthError
from infra.local.authkit.machines import Machines
from infra.local.authkit.mint import Mint
from infra.local.authkit.parameters import form
from infra.local.authkit.resources import ResourceIndicators
from infra.local.authkit.signing_keys import Claims
from infra.local.authkit.verification import verified_claims

ACCESS_TOKEN_FIELDS = ("iss", "sub", "sid", "org_id", "jti", "client_id", "exp", "iat")


@dataclass(frozen=True, slots=True)
class Introspection:
    clients: Clients
    consents: Consents
    resources: ResourceIndicators
    mint: Mint
    machines: Machines

    async def answer(self, request: Request) -> Response:
        fields = await form(request)
        client = await authenticate(request, fields, self.clients)
        if client.client_id != self.mint.seed.introspection.client_id and not self.machines.find(client.client_id):
            raise InvalidClientError("Application not found.")  # a registered client gets no answer about tokens
        if "token" not in fields:
            raise OAuthError("invalid_request", "token is missing.")
        found = self._access_token(fields["token"]) or self._refresh_token(fields["token"])
        return JSONResponse(found or {"active": False}, headers=NO_STORE)

    def _access_token(self, token: str) -> Claims | None:
        mint = self.mint
        claims = verified_claims(mint.keys, token, mint.issuer, mint.clock)
        # An ID token has neither jti nor client_id, so it counts as inactive.
        if claims is None or "jti" not in claims or self.consents.is_revoked(claims.get("sid")):
            return None
        shown = {name: claims[name] for name in ACCESS_TOKEN_FIELDS if name in claims}
        return {"active": True, **shown, "token_type": "access_token"}

    def _refresh_token(self, token: str) -> Claims | None:
        family = self.consents.find(token)
        if family is None or not self.resources.still_grants(family.audience):
            return None
        consent = family.consent
        known = {"sub": consent.user_id, "org_id": consent.organization_id, "client_id": consent.client_id}
        shown = {name: value for name, value in known.items() if value}
        return {"active": True, "iss": self.mint.issuer, **shown, "token_type": "refresh_token"}
