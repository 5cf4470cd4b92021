"""The FastAPI dependency that guards /mcp: Authorization header in, Session out."""

import re
from typing import TYPE_CHECKING

from fastapi import Request

from app.auth.refusals import (
    OrganizationMissing,
    Reason,
    RequestMalformed,
    ScopeMissing,
    TokenMissing,
    TokenRefused,
)
from app.auth.session import Session
from app.auth.verifier import Verifier

if TYPE_CHECKING:
    from app.auth.api_keys import ApiKeys

# RFC 6750 section 2.1: b64token, the only form that a bearer token may have.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


class BearerAuthentication:
    """`Depends(BearerAuthentication(...))` gives the verified caller.

    `scopes` and `organization` are what this server requires of every caller. The call is async, because FastAPI
    would run a sync dependency in another thread.
    """

    def __init__(
        self,
        verifier: Verifier,
        *,
        scopes: tuple[str, ...] = (),
        organization: bool = False,
        api_keys: "ApiKeys | None" = None,
    ) -> None:
        """Without `api_keys`, everything that is not a JWT is refused."""
        self._verifier = verifier
        self._api_keys = api_keys
        self._scopes = scopes
        self._organization = organization

    async def __call__(self, request: Request) -> Session:
        """Return the caller that the request's token proves.

        Raises:
            Refusal: the request is turned away; the application answers it with the challenge.
        """
        token = read_bearer_token(request.headers.getlist("authorization"))
        # The form alone decides: a signed JWT has dots (RFC 7515 section 7.1), an API key has none. So no JWT is
        # ever sent to WorkOS, and no API key is ever parsed as a JWT.
        if self._api_keys is None or "." in token:
            session = await self._verifier.verify(token)
        else:
            session = await self._api_keys.verify(token)
        # After verification: an expired token is refused as expired, even if it also lacks a scope.
        if not session.scopes.issuperset(self._scopes):
            raise ScopeMissing(self._scopes, session)
        if self._organization and session.organization_id is None:
            raise OrganizationMissing(session)
        return session


def read_bearer_token(values: list[str]) -> str:
    """Return the token of the only Authorization value (RFC 6750 section 2.1).

    Raises:
        TokenMissing: there is no value, it is empty, or it has another scheme.
        RequestMalformed: there are several values, as separate headers or joined by a gateway with a comma.
        TokenRefused: the text behind the scheme cannot be a token.
    """
    if len(values) > 1:
        raise RequestMalformed
    scheme, _, rest = (values[0] if values else "").strip(" \t").partition(" ")
    token = rest.strip(" \t")
    if scheme.lower() != "bearer" or not token:
        raise TokenMissing
    if "," in token:
        raise RequestMalformed
    if not _TOKEN.fullmatch(token):
        raise TokenRefused(Reason.NOT_A_JWT)
    return token
