"""The request state between round trips, sealed for one caller and one call with keys that all environments share.

The SDK seals and opens it (AES-256-GCM, a ring of keys). This file checks an opened state, because the SDK's own
`RequestStateBoundary` knows neither our clock nor the organisation, and gives the record no reason.
"""

import hashlib
import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.request_state import AESGCMRequestStateCodec, InvalidRequestState
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS
from mcp_types.methods import INPUT_REQUIRED_METHODS
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from app.audit.record import get_record
from app.auth.session import get_session

logger = logging.getLogger(__name__)

MAX_STEP_SECONDS = 600.0
"""Seconds from one round trip to the next."""
MAX_CALL_SECONDS = 3600.0
"""Seconds from the first round trip to the last. Each round trip seals a new state."""
_SKEW_SECONDS = 60.0
"""Seconds by which the clock of another environment may be ahead."""
_CLAIMS = ("at", "began", "caller", "call", "state")
_MEMBERS = ("requestState", "inputResponses")
_NOT_YOURS = "this server did not give it to you for this call. Call again from the start, without it."
_TOO_OLD = (
    f"it is good for {MAX_STEP_SECONDS / 60:g} minutes from a question to its answer, and for "
    f"{MAX_CALL_SECONDS / 60:g} in all. Call again from the start, without it."
)


class Keys(Protocol):
    """Gives the keys, of which the first seals and all open. Without any, this process makes its own."""

    async def __call__(self, *, newer: bool = False) -> Sequence[bytes]:
        """`newer`: a state was sealed with a key that the last answer did not have."""


@dataclass(frozen=True, slots=True)
class BoundCall:
    """Whose call it is and which call, as digests. A state is good for this caller and this call alone."""

    caller: str
    call: str

    @classmethod
    def from_context(cls, context: ServerRequestContext[Any, Any], audience: str) -> "BoundCall":
        """The caller includes the organisation: consent in one organisation must not act in another."""
        session, params = get_session(), context.params or {}
        # An API key has no issuer. AuthKit gives no client an id like that of a key, which is the client id here.
        caller = [session.claims.get("iss"), session.user_id, session.client_id, session.organization_id]
        call = [audience, context.method, params.get("name"), params.get("uri"), params.get("arguments") or {}]
        return cls(_digest(caller), _digest(call))


@dataclass(frozen=True, slots=True)
class OpenState:
    state: str
    began: float
    """Wall time of the first round trip, in seconds."""


class RequestState:
    """A middleware: clients see the state sealed, handlers see it as they wrote it."""

    def __init__(self, keys: Keys, audience: str, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._audience = audience
        self._clock = clock
        self._last: tuple[tuple[bytes, ...], AESGCMRequestStateCodec] | None = None
        """The keys that were given last, and their codec."""

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        params = ctx.params
        if ctx.method not in INPUT_REQUIRED_METHODS or not params:
            return await call_next(ctx)
        if ctx.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS:
            # In the older era the two names mean nothing, so no handler may read them.
            if not params.keys().isdisjoint(_MEMBERS):
                ctx = replace(ctx, params={name: params[name] for name in params if name not in _MEMBERS})
            return await call_next(ctx)
        opened = None
        if (sealed := params.get("requestState")) is not None:
            opened = await self._open(sealed, BoundCall.from_context(ctx, self._audience))
            ctx = replace(ctx, params={**params, "requestState": opened.state})
        result = await call_next(ctx)
        # The result is a dict here: the SDK wrote the handler's result for this version.
        if isinstance(result, dict) and result.get("resultType") == "input_required" and "requestState" in result:
            return {**result, "requestState": await self._seal(result["requestState"], ctx, opened)}
        return result

    async def _seal(self, state: str, ctx: ServerRequestContext[Any, Any], opened: OpenState | None) -> str:
        now, bound = self._clock(), BoundCall.from_context(ctx, self._audience)
        claims = (now, opened.began if opened else now, bound.caller, bound.call, state)
        return (await self._find_codec()).seal(json.dumps(dict(zip(_CLAIMS, claims, strict=True))).encode())

    async def _open(self, sealed: Any, bound: BoundCall) -> OpenState:
        """Raises: MCPError, with the reason in the record."""
        try:
            claims = json.loads(await self.unseal(sealed))
            at, began, caller, call, state = (claims[name] for name in _CLAIMS)
        except (InvalidRequestState, ValueError, KeyError):
            # The last two: another release sealed it, with other claims, or it is a handle of background work.
            raise _refuse("state_unreadable", _NOT_YOURS) from None
        if caller != bound.caller:
            raise _refuse("state_caller", _NOT_YOURS)
        if call != bound.call:
            raise _refuse("state_call", _NOT_YOURS)
        now = self._clock()
        if not -_SKEW_SECONDS <= now - at < MAX_STEP_SECONDS or not now - began < MAX_CALL_SECONDS:
            raise _refuse("state_expired", _TOO_OLD)
        return OpenState(state, began)

    async def seal_bytes(self, content: bytes) -> str:
        """The content sealed with the key that seals now, for something else that a client holds."""
        return (await self._find_codec()).seal(content)

    async def unseal(self, sealed: Any) -> bytes:
        """Raises: InvalidRequestState, for a text that no key of this server has sealed."""
        if not isinstance(sealed, str):
            raise InvalidRequestState
        try:
            return (await self._find_codec()).unseal(sealed)
        except InvalidRequestState:
            # The keys may have been rotated, and the environment that sealed it knew before this one.
            return (await self._find_codec(newer=True)).unseal(sealed)

    async def _find_codec(self, *, newer: bool = False) -> AESGCMRequestStateCodec:
        keys = tuple(await self._keys(newer=newer)) or (self._own_key,)
        if self._last is None or self._last[0] != keys:
            # The SDK refuses a ring that has one key twice.
            self._last = keys, AESGCMRequestStateCodec(list(dict.fromkeys(keys)))
        return self._last[1]

    @cached_property
    def _own_key(self) -> bytes:
        """Made on first use: made at the start, all environments of one SnapStart snapshot would share it."""
        logger.warning("no REQUEST_STATE_KEY: no other environment can go on with what this one asks")
        return os.urandom(32)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _refuse(reason: str, text: str) -> MCPError:
    get_record().mark_denied(reason)
    data = {"reason": "invalid_request_state"}  # as the SDK's own boundary has it
    return MCPError(INVALID_PARAMS, f"Invalid or expired requestState: {text}", data)
