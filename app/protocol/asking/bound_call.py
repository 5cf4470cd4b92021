"""The caller and the call that a request state belongs to: another one cannot go on with it."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from mcp.server.context import ServerRequestContext

from app.auth.session import get_session


@dataclass(frozen=True, slots=True)
class BoundCall:
    caller: str
    digest: str

    @classmethod
    def of(cls, ctx: ServerRequestContext[Any, Any], audience: str) -> "BoundCall":
        """The caller, with the organisation: what was agreed to in one must not act in another."""
        session, params = get_session(), ctx.params or {}
        caller = [session.claims["iss"], session.user_id, session.client_id, session.organization_id]
        called = [audience, ctx.method, params.get("name"), params.get("uri"), params.get("arguments") or {}]
        return cls(_digest(caller), _digest(called))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
