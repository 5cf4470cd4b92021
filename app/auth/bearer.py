"""The FastAPI dependency that guards /mcp: Authorization header in, Session out."""

import re

from fastapi import Request

from app.access.grants import Grants, bind_grants
from app.access.lookups import Lookups
from app.auth.refusals import (
    OrganizationMissing,
    Reason,
    RequestMalformed,
    ScopeMissing,
    TokenMissing,
    TokenRefused,
)
from app.auth.session import Session, bind_session
from app.auth.verifier import Verifier
from app.workos.client import WorkOSAccess, bind_workos

# RFC 6750 section 2.1: b64token, the only form a bearer token has.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*", re.ASCII)


class RequireSession:
    """`Depends(RequireSession(...))` gives the verified caller. It is async: a sync dependency would run in
    another thread, whose context never reaches the tool."""

    def __init__(
        self,
        verifier: Verifier,
        workos: WorkOSAccess,
        lookups: Lookups,
        *,
        scopes: tuple[str, ...] = (),
        organization: bool = False,
    ) -> None:
        self._verifier = verifier
        self._workos = workos
        self._lookups = lookups
        self._scopes = scopes
        self._organization = organization

    async def __call__(self, request: Request) -> Session:
        """The caller, bound for `get_session()`, `get_user()`, `get_client()` and `get_grants()` as well.

        Raises:
            Refusal: the answer to give; the application turns it into the challenge.
        """
        session = await self._verifier.verify(bearer_token(request.headers.getlist("authorization")))
        # After verification: an expired token is refused as expired, whatever scopes it lacks.
        if not session.scopes.issuperset(self._scopes):
            raise ScopeMissing(self._scopes, session)
        if self._organization and session.organization_id is None:
            raise OrganizationMissing(session)
        bind_session(session)
        bind_workos(self._workos)
        bind_grants(Grants(session, self._lookups))
        return session


def bearer_token(values: list[str]) -> str:
    """The token of the one Authorization value.

    Raises:
        TokenMissing: no value, an empty one or another scheme.
        RequestMalformed: several values, as lines of their own or joined by a gateway's comma.
        TokenRefused: something that is no token behind the scheme.
    """
    if len(values) > 1:
        raise RequestMalformed
    scheme, _, token = (values[0] if values else "").strip(" \t").partition(" ")
    if scheme.lower() != "bearer" or not token.strip(" \t"):
        raise TokenMissing
    if "," in token:
        raise RequestMalformed
    if not _TOKEN.fullmatch(token.strip(" \t")):
        raise TokenRefused(Reason.NOT_A_JWT)
    return token.strip(" \t")
