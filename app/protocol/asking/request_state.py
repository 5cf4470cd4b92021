"""Request state between round trips: sealed for one caller and one call, with keys that all environments share.

The sealing is the SDK's (AES-256-GCM, a ring of keys). What is checked of a state that opens is checked here and
not by the SDK's boundary, which knows neither our clock nor the organisation, and tells a record no reason.
"""

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
from app.protocol.asking.bound_call import BoundCall

logger = logging.getLogger(__name__)

PATIENCE = 600.0
"""Seconds from one round trip to the next."""
LONGEST = 3600.0
"""Seconds from the first round trip to the last: each makes a new state, which must not keep an answer forever."""
_SKEW = 60.0
"""Seconds that another environment's clock may be ahead."""
_CLAIMS = ("at", "began", "caller", "call", "state")
_NOT_YOURS = "it is none that you were given for this call. Call again from the start, without it."
_TOO_OLD = (
    f"it is good for {PATIENCE / 60:g} minutes from a question to its answer, and for {LONGEST / 60:g} in all. "
    "Call again from the start, without it."
)


class Keys(Protocol):
    """The sealing keys, the first seals; none means a key of this process alone."""

    async def __call__(self, *, newer: bool = False) -> Sequence[bytes]:
        """`newer`: somebody has sealed with a key that is not among those of before."""


@dataclass(frozen=True, slots=True)
class Opened:
    state: str
    began: float


class RequestState:
    """Between the client, who sees the state sealed, and the handlers, who see it as they wrote it."""

    def __init__(self, keys: Keys, audience: str, clock: Callable[[], float]) -> None:
        self._keys = keys
        self._audience = audience
        self._clock = clock
        self._made: tuple[tuple[bytes, ...], AESGCMRequestStateCodec] | None = None

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        params = ctx.params
        if ctx.method not in INPUT_REQUIRED_METHODS or not params:
            return await call_next(ctx)
        if ctx.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS:
            # Two names that mean nothing there.
            if "requestState" in params or "inputResponses" in params:
                ours = {name: params[name] for name in params if name not in ("requestState", "inputResponses")}
                ctx = replace(ctx, params=ours)
            return await call_next(ctx)
        opened = None
        if (sealed := params.get("requestState")) is not None:
            opened = await self._open(sealed, BoundCall.of(ctx, self._audience))
            ctx = replace(ctx, params={**params, "requestState": opened.state})
        result = await call_next(ctx)
        # What the SDK hands on is a dict, by then.
        # The SDK hands on a dict.
        if isinstance(result, dict) and result.get("resultType") == "input_required" and "requestState" in result:
            return {**result, "requestState": await self._sealed(result["requestState"], ctx, opened)}
        return result

    async def _sealed(self, state: str, ctx: ServerRequestContext[Any, Any], before: Opened | None) -> str:
        now, call = self._clock(), BoundCall.of(ctx, self._audience)
        claims = (now, before.began if before else now, call.caller, call.digest, state)
        return (await self._codec()).seal(json.dumps(dict(zip(_CLAIMS, claims, strict=True))).encode())

    async def _open(self, sealed: Any, call: BoundCall) -> Opened:
        """Raises: MCPError, with the reason in the record."""
        try:
            claims = json.loads(await self._unsealed(sealed))
            at, began, caller, digest, state = (claims[name] for name in _CLAIMS)
        except (InvalidRequestState, KeyError):  # a KeyError: another release made it, with other claims
            raise _refused("state_unreadable", _NOT_YOURS) from None
        if caller != call.caller:
            raise _refused("state_caller", _NOT_YOURS)
        if digest != call.digest:
            raise _refused("state_call", _NOT_YOURS)
        now = self._clock()
        if not -_SKEW <= now - at < PATIENCE or not now - began < LONGEST:
            raise _refused("state_expired", _TOO_OLD)
        return Opened(state, began)

    async def _unsealed(self, sealed: Any) -> bytes:
        if not isinstance(sealed, str):
            raise InvalidRequestState
        try:
            return (await self._codec()).unseal(sealed)
        except InvalidRequestState:
            # Perhaps the keys were rotated, and another environment knows it already.
            return (await self._codec(newer=True)).unseal(sealed)

    async def _codec(self, *, newer: bool = False) -> AESGCMRequestStateCodec:
        keys = tuple(await self._keys(newer=newer)) or (self._own_key,)
        if self._made is None or self._made[0] != keys:
            # The SDK refuses a ring that has one key twice.
            self._made = keys, AESGCMRequestStateCodec(list(dict.fromkeys(keys)))
        return self._made[1]

    @cached_property
    def _own_key(self) -> bytes:
        """Made when it is needed: from the start, all environments of a SnapStart snapshot would share it."""
        logger.warning("no REQUEST_STATE_KEY: no other environment can go on with what this one asks")
        return os.urandom(32)


def _refused(reason: str, text: str) -> MCPError:
    get_record().mark_denied(reason)
    data = {"reason": "invalid_request_state"}  # as the SDK's own boundary says it
    return MCPError(INVALID_PARAMS, f"Invalid or expired requestState: {text}", data)
