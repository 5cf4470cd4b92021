"""`/oauth2/token`: three grants, each checked in full before anything is issued."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.client_authentication import authenticate
from infra.local.authkit.clients import Client, Clients
from infra.local.authkit.consents import Consent, Consents
from infra.local.authkit.errors import NO_STORE, OAuthError
from infra.local.authkit.logins import Codes, IssuedCode
from infra.local.authkit.machines import Machines
from infra.local.authkit.mint import Mint
from infra.local.authkit.parameters import form
from infra.local.authkit.resources import ResourceIndicators
from infra.local.authkit.signing_keys import Claims

VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")  # RFC 7636 section 4.1
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TokenEndpoint:
    clients: Clients
    codes: Codes
    consents: Consents
    resources: ResourceIndicators
    mint: Mint
    machines: Machines

    async def answer(self, request: Request) -> Response:
        fields = await form(request)
        client = await authenticate(request, fields, self.clients)
        grant_type = _required(fields, "grant_type")
        grants = {
            "authorization_code": self._authorization_code,
            "refresh_token": self._refresh_token,
            "client_credentials": self._client_credentials,
        }
        if grant_type not in grants:
            raise OAuthError("unsupported_grant_type", f"grant_type must be one of: {', '.join(grants)}.")
        if grant_type not in client.grant_types:
            raise OAuthError("unauthorized_client", "The client is not registered for this grant_type.")
        return JSONResponse(grants[grant_type](client, fields), headers=NO_STORE)

    def _authorization_code(self, client: Client, fields: Form) -> Claims:
        issued = self._take_code(_required(fields, "code"))
        request, consent = issued.request, issued.consent
        if consent.client_id != client.client_id:
            raise OAuthError("invalid_grant", "The code was issued to another client.")
        if fields.get("redirect_uri") != request.redirect_uri:  # RFC 6749 section 4.1.3
            raise OAuthError("invalid_grant", "redirect_uri is not the one of the authorization request.")
        if not _verifies(fields.get("code_verifier", ""), request.code_challenge):
            raise OAuthError("invalid_grant", "code_verifier does not match.")
        if self.consents.is_revoked(consent.sid):
            raise OAuthError("invalid_grant", "The consent was ended meanwhile.")
        audience = self.resources.audience(consent.resource)
        self._check_resource(fields, consent, audience)
        answer = self._answer(consent, audience, _narrowed(fields, consent.scope), request.nonce)
        if "offline_access" in consent.scope.split() and "refresh_token" in client.grant_types:
            answer["refresh_token"] = self.consents.start(consent, audience)
        return answer

    def _take_code(self, code: str) -> IssuedCode:
        issued = self.codes.take(code)
        if issued is None:
            if sid := self.codes.spent_on(code):
                self.consents.revoke(
                    sid
                )  # RFC 6749 section 4.1.2: a replay of the code ends the consent that it gave
            raise OAuthError("invalid_grant", "The code is unknown, expired or used already.")
        return issued

    def _refresh_token(self, client: Client, fields: Form) -> Claims:
        token = _required(fields, "refresh_token")
        family = self.consents.presented(token, client.client_id)
        if family is None or not self.resources.still_grants(family.audience):
            raise OAuthError("invalid_grant", "The refresh token is unknown, expired or used already.")
        self._check_resource(fields, family.consent, family.audience)
        scope = _narrowed(fields, family.consent.scope)
        before = self.consents.answered(token)
        if before and before["scope"] == scope:
            return before
        answer = self._answer(family.consent, family.audience, scope, nonce=None)
        return self.consents.rotate(token, family, answer)

    def _client_credentials(self, client: Client, fields: Form) -> Claims:
        found = self.machines.find(client.client_id)
        if found is None:
            raise OAuthError("unauthorized_client", "The client is not a machine application.")
        machine = found.row
        scope = _narrowed(fields, " ".join(machine.scopes))
        return {
            "access_token": self.mint.sign(self.mint.machine_claims(machine, scope)),
            "token_type": "Bearer",
            "expires_in": self.mint.lifetime,
            "scope": scope,
        }

    def _check_resource(self, fields: Form, consent: Consent, audience: str) -> None:
        """Check that a token request repeats the granted resource and does not change it (RFC 8707 section 2.2).

        If the authorization request named none, the default indicator was granted and may be named now. In an
        environment without indicators AuthKit ignores the parameter.
        """
        asked = fields.get("resource")
        granted = {consent.resource, audience} & set(self.resources.uris)
        if asked and self.resources.uris and asked not in granted:
            raise OAuthError("invalid_target", "The resource is not the one that was authorized.")

    def _answer(self, consent: Consent, audience: str, scope: str, nonce: str | None) -> Claims:
        seed, organization_id = self.mint.seed, consent.organization_id
        user = seed.user(consent.user_id)
        if user is None or (organization_id and not seed.membership(user.id, organization_id)):
            # The seed may have changed since: a consent ends with its user or membership.
            raise OAuthError("invalid_grant", "The user or the membership does not exist any more.")
        answer: Claims = {
            "access_token": self.mint.sign(self.mint.user_claims(consent, audience, scope)),
            "token_type": "Bearer",
            "expires_in": self.mint.lifetime,
            "scope": scope,
        }
        if "openid" in scope.split():
            answer["id_token"] = self.mint.sign(self.mint.id_claims(consent, user, scope, nonce))
        return answer


def _required(fields: Form, name: str) -> str:
    if name not in fields:
        raise OAuthError("invalid_request", f"{name} is missing.")
    return fields[name]


def _verifies(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    computed = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return VERIFIER.fullmatch(verifier) is not None and hmac.compare_digest(computed, challenge)


def _narrowed(fields: Form, granted: str) -> str:
    """The requested scope, which may be less than the granted one but not more (RFC 6749 section 6).

    It applies to this token only: a later refresh may request the whole grant again.
    """
    asked = list(dict.fromkeys(fields.get("scope", granted).split()))
    if not set(asked) <= set(granted.split()):
        raise OAuthError("invalid_scope", "The scope goes beyond what was granted.")
    return " ".join(asked)
