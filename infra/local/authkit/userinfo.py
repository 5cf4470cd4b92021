"""`/oauth2/userinfo`: who the user behind an access token is (OpenID Connect Core section 5.3)."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.authkit.consents import Consents
from infra.local.authkit.errors import NO_STORE, InvalidTokenError
from infra.local.authkit.mint import Mint, profile_claims
from infra.local.authkit.verification import verified_claims
from infra.local.seed.rows import User


@dataclass(frozen=True, slots=True)
class UserInfo:
    consents: Consents
    mint: Mint

    async def answer(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            # RFC 6750 section 3.1: without credentials, no error code.
            return Response(status_code=401, headers=NO_STORE | {"WWW-Authenticate": "Bearer"})
        user, scope = self._user_and_scope(token.strip())
        return JSONResponse(profile_claims(user, scope), headers=NO_STORE)

    def _user_and_scope(self, token: str) -> tuple[User, str]:
        mint = self.mint
        claims = verified_claims(mint.keys, token, mint.issuer, mint.clock) or {}
        if "jti" not in claims or self.consents.is_revoked(claims.get("sid")):
            raise InvalidTokenError("The access token is not valid.")
        user, scope = mint.seed.user(str(claims["sub"])), str(claims.get("scope", ""))
        if user is None or "openid" not in scope.split():
            raise InvalidTokenError("The access token was not issued for openid.")
        return user, scope
