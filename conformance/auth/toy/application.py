"""The toy: an ASGI application with one endpoint and its metadata."""

import asyncio
from typing import Any

from conformance.auth.lifespan import live
from conformance.auth.target import METADATA_PATH
from conformance.auth.toy.credentials import Credentials
from conformance.auth.toy.document import Metadata
from conformance.auth.toy.flaws import Flaws
from conformance.auth.toy.keys import Fetch, Keys, KeysUnavailable
from conformance.auth.toy.message import Call, Reply, claims_unverified, result
from conformance.auth.toy.place import PAGE, RESOURCE, SCOPE, TOOL_SCOPE
from conformance.auth.toy.refusals import Refusals
from conformance.auth.toy.tokens import Claims, Refused, TokenRules

_GRANTED = "authorization, content-type, mcp-protocol-version, mcp-method, mcp-name"


class Toy:
    """Nothing is asked of the issuer before the first token comes."""

    def __init__(self, issuer: str, fetch: Fetch, broken: str = "") -> None:
        self._flaws = flaws = Flaws(broken)
        self._keys = Keys(f"{issuer}/oauth2/jwks", fetch, flaws)
        self._rules = TokenRules(issuer, RESOURCE, self._keys, fetch, flaws)
        self._credentials, self._refusals = Credentials(flaws), Refusals(flaws)
        self._metadata = Metadata(issuer, flaws)
        self._caller = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        call = await Call.read(scope, receive)
        try:
            reply = await self._answer(call)
        except Exception:  # noqa: BLE001 - as a framework does
            reply = Reply(500)
        await reply.write(send)

    async def _answer(self, call: Call) -> Reply:
        if call.path.startswith(METADATA_PATH):
            if "cold-metadata" in self._flaws:
                await self._keys.refresh()
            return self._metadata.answer(call)
        if call.path != "/mcp":
            is_lax = "no-token-spellings" in self._flaws and call.path.lower().startswith("/mcp")
            return Reply(200, result({})) if is_lax else Reply(404)
        reply = await self._endpoint(call)
        if call.value("origin") == PAGE and "origin-allowed" not in self._flaws:
            reply.fields["access-control-allow-origin"] = PAGE
            if "origin-challenge" not in self._flaws:
                reply.fields["access-control-expose-headers"] = "WWW-Authenticate"
        return reply

    async def _endpoint(self, call: Call) -> Reply:
        if call.method == "OPTIONS":
            return self._preflight(call)
        is_excused = "origin-foreign-no-token" in self._flaws and not call.value("authorization")
        if self._is_foreign(call.value("origin")) and not is_excused:
            return Reply(403)
        try:
            return await self._serve(call, await self._authenticate(call))
        except Refused as refused:
            return self._refusals.challenge(call, refused)
        except KeysUnavailable:
            return self._refusals.unavailable()

    def _preflight(self, call: Call) -> Reply:
        if "origin-preflight" in self._flaws:
            return Reply(401)
        granted = {"access-control-allow-headers": _GRANTED, "access-control-allow-methods": "POST"}
        if "origin-foreign-preflight" in self._flaws:
            granted["access-control-allow-origin"] = call.value("origin")
        return Reply(204, None, granted)

    def _is_foreign(self, origin: str) -> bool:
        if not origin or "origin-foreign" in self._flaws:
            return False
        return not origin.startswith(PAGE) if "origin-look-alike" in self._flaws else origin != PAGE

    async def _authenticate(self, call: Call) -> Claims:
        if "cold-challenge" in self._flaws:
            await self._keys.refresh()
        if self._credentials.are_not_needed(call):
            return {"sub": "nobody", "scope": SCOPE}
        token = self._credentials.token(call)
        if not token:
            is_late = call.method == "GET" and "no-token-get" in self._flaws
            raise Refused(405 if is_late else 403 if "challenge-401" in self._flaws else 401, "")
        if "scope-expired-first" in self._flaws and '"scope": "openid"' in claims_unverified(token):
            raise Refused(403, "insufficient_scope", SCOPE)
        claims = await self._rules.verify(token)
        self._require(claims, SCOPE)
        return claims

    def _require(self, claims: Claims, scope: str, named: str = "") -> None:
        given = claims.get("scope", "")
        if not isinstance(given, str):
            if "claims-odd" in self._flaws:
                raise TypeError
            given = ""
        is_enough = scope in given if "scope-look-alike" in self._flaws else scope in given.split()
        if is_enough or "scope-refused" in self._flaws:
            return
        error = "forbidden" if "scope-error" in self._flaws else "insufficient_scope"
        told = "" if "scope-named" in self._flaws else named or scope
        raise Refused(401 if "scope-403" in self._flaws else 403, error, told)

    async def _serve(self, call: Call, claims: Claims) -> Reply:
        if call.method != "POST":
            return await self._no_stream(call.method.lower())
        if call.content.startswith(b"access_token="):
            return Reply(200, result({}))
        name = call.message.get("params", {}).get("name")
        if name == "whoami":
            return Reply(200, result({"content": [{"type": "text", "text": await self._who(claims)}]}))
        return self._write(claims) if name == "write" else Reply(200, result({"tools": []}))

    async def _no_stream(self, method: str) -> Reply:
        if f"{method}-at-once" in self._flaws:
            await asyncio.sleep(3600)
        if f"{method}-405" in self._flaws:
            return Reply(200, None, {"content-type": "text/event-stream"})
        return Reply(405, None, {"allow": "POST"})

    async def _who(self, claims: Claims) -> str:
        self._caller = str(claims.get("sub"))
        await asyncio.sleep(0)
        return self._caller if "callers-apart" in self._flaws else str(claims.get("sub"))

    def _write(self, claims: Claims) -> Reply:
        if "step-up-enough" in self._flaws:
            raise Refused(403, "insufficient_scope", TOOL_SCOPE)
        try:
            if "step-up-refused" not in self._flaws:
                self._require(claims, TOOL_SCOPE, named=f"{SCOPE} {TOOL_SCOPE}")
        except Refused as refused:
            if "step-up-403" in self._flaws:
                return Reply(200, result({"isError": True}))
            named = SCOPE if "step-up-named" in self._flaws else refused.scope
            raise Refused(refused.status, refused.error, named) from None
        return Reply(200, result({"content": []}))
