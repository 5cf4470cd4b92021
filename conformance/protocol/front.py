"""A way in for a client that cannot send a token: it adds one to each request, and changes nothing else."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from infra.local.gateway.events import HOP_BY_HOP
from infra.local.token import TokenError

MARGIN = 60.0
"""Seconds before its end at which a token is replaced."""
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_OWN = {*HOP_BY_HOP, "authorization", "content-length", "date", "server"}


class Tokens:
    """One access token, renewed in time."""

    def __init__(self, fetch: Callable[[], str], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._turn = asyncio.Lock()
        self._token, self._until = "", 0.0

    async def current(self) -> str:
        async with self._turn:
            if self._clock() > self._until - MARGIN:
                self._token = await asyncio.to_thread(self._fetch)
                self._until = _expiry(self._token)
        return self._token


def create_front(
    server_url: str, fetch_token: Callable[[], str], clock: Callable[[], float] = time.time
) -> Starlette:
    """An ASGI application in front of the server at that origin. Whoever reaches it is let in: loopback alone."""
    tokens = Tokens(fetch_token, clock)

    @asynccontextmanager
    async def connected(app: Starlette) -> AsyncIterator[None]:
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as app.state.server:
            yield

    async def forward(request: Request) -> Response:
        try:
            sent = await _with_token(request, server_url, await tokens.current())
            answer = await request.app.state.server.send(sent)
        except (TokenError, httpx2.HTTPError) as error:
            return Response(str(error), 502)
        response = Response(answer.content, answer.status_code)
        response.raw_headers += [pair for pair in answer.headers.raw if pair[0].decode().lower() not in _OWN]
        return response

    return Starlette(routes=[Route("/{path:path}", forward, methods=_METHODS)], lifespan=connected)


async def _with_token(request: Request, server_url: str, token: str) -> httpx2.Request:
    fields = [pair for pair in request.headers.items() if pair[0] not in _OWN]
    fields.append(("authorization", f"Bearer {token}"))
    query = f"?{request.url.query}" if request.url.query else ""
    # Not of the client's making, which would add fields that the caller did not send.
    return httpx2.Request(
        request.method, f"{server_url}{request.url.path}{query}", headers=fields, content=await request.body()
    )


def _expiry(token: str) -> float:
    claims = token.split(".")[1]
    return float(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"])
