"""Request state between round trips, sealed with keys that are fetched when the first state needs them."""

import json
import os
from collections.abc import Awaitable, Callable, Sequence
from functools import cached_property
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp_types.methods import is_input_required

from app.auth import get_session

Keys = Callable[[], Awaitable[Sequence[bytes]]]
"""The sealing keys, the first seals; none means a key of this process alone."""


class LazyRequestState:
    """The SDK's boundary, made anew when the keys were rotated. Calls without request state never wait for it.

    What is sealed opens for the same caller, tool and arguments alone.
    """

    def __init__(self, keys: Keys, audience: str) -> None:
        self._keys = keys
        self._audience = audience
        self._made: tuple[tuple[bytes, ...], RequestStateBoundary] | None = None

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if (ctx.params or {}).get("requestState") is not None:
            return await (await self._boundary())(ctx, call_next)
        result = await call_next(ctx)
        if not is_input_required(result):
            return result

        async def already(_: ServerRequestContext[Any, Any]) -> HandlerResult:
            return result

        return await (await self._boundary())(ctx, already)

    async def _boundary(self) -> RequestStateBoundary:
        keys = tuple(await self._keys())
        if self._made is None or self._made[0] != keys:
            security = RequestStateSecurity(keys=keys or (self._own_key,), bind_principal=_caller)
            self._made = keys, RequestStateBoundary(security, default_audience=self._audience)
        return self._made[1]

    @cached_property
    def _own_key(self) -> bytes:
        """Made when it is needed: from the start, all environments of a SnapStart snapshot would share it."""
        return os.urandom(32)


def _caller(_: ServerRequestContext[Any, Any]) -> str:
    """Issuer, subject, client, and the organisation: what was agreed to in one must not act in another."""
    session = get_session()
    return json.dumps([session.claims["iss"], session.user_id, session.client_id, session.organization_id])
