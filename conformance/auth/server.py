"""How the suite speaks to the server under test."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from conformance.auth.answer import Answer
from conformance.auth.target import Target

Fields = Sequence[tuple[str, str | bytes]]

VERSION, LEGACY = "2026-07-28", "2025-11-25"


class NoAnswer(Exception):
    """No whole answer came; the message says how that looked."""


class Server:
    """Speaks to the server; says nothing about what is right."""

    def __init__(self, target: Target, http: httpx2.AsyncClient) -> None:
        self.target = target
        self._http = http

    async def send(
        self,
        method: str = "POST",
        url: str = "",
        *,
        token: str | None = None,
        fields: Fields | None = None,
        body: Any = None,
        content: bytes | None = None,
        seconds: float | None = None,
    ) -> Answer:
        """One HTTP request; the body is JSON, or `content` as it is.

        Raises:
            NoAnswer: if no whole answer comes within `seconds`.
        """
        bearer = [("authorization", f"Bearer {token}")] if token is not None else []
        headers = [(name.encode(), _bytes(value)) for name, value in [*bearer, *(fields or [])]]
        request = self._http.build_request(
            method, url or self.target.url, headers=headers, json=body, content=content
        )
        limit = seconds or self.target.bounds.answer
        try:
            async with asyncio.timeout(limit):
                return await self._answer(request)
        except TimeoutError:
            raise NoAnswer(f"no answer within {limit:g} s") from None
        except httpx2.HTTPError as error:
            raise NoAnswer(f"no HTTP answer ({type(error).__name__})") from error

    async def _answer(self, request: httpx2.Request) -> Answer:
        began = time.perf_counter()
        response = await self._http.send(request, stream=True)
        took = time.perf_counter() - began
        try:
            # The event stream of a GET has no end: its head is all that is looked at.
            endless = request.method == "GET" and "event-stream" in response.headers.get("content-type", "")
            text = "" if endless else (await response.aread()).decode(errors="replace")
        finally:
            await response.aclose()
        return Answer(response.status_code, tuple(response.headers.multi_items()), text, took)

    async def exchange(
        self,
        token: str | None = None,
        method: str = "tools/list",
        params: Mapping[str, Any] | None = None,
        *,
        fields: Fields | None = None,
        url: str = "",
        seconds: float | None = None,
    ) -> Answer:
        """One MCP request of revision 2026-07-28."""
        sent, body = message(method, params or {})
        return await self.send(url=url, token=token, fields=[*sent, *(fields or [])], body=body, seconds=seconds)

    async def initialize(self, token: str | None = None) -> Answer:
        """The handshake of the revisions before 2026-07-28."""
        fields = [("accept", "application/json, text/event-stream"), ("mcp-protocol-version", LEGACY)]
        client = {"name": "conformance", "version": "1"}
        hello = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": client}
        body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
        return await self.send(token=token, fields=fields, body=body)

    async def call(self, token: str, tool: str) -> Answer:
        return await self.exchange(token, "tools/call", {"name": tool, "arguments": {}})


def message(method: str, params: Mapping[str, Any]) -> tuple[Fields, dict[str, Any]]:
    """Header fields and body of one request, as basic/transports/streamable-http asks for them."""
    prefix = "io.modelcontextprotocol"
    meta = {
        f"{prefix}/protocolVersion": VERSION,
        f"{prefix}/clientCapabilities": {},
        f"{prefix}/clientInfo": {"name": "conformance", "version": "1"},
    }
    fields = [
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", VERSION),
        ("mcp-method", method),
    ]
    if isinstance(name := params.get("name"), str):
        fields.append(("mcp-name", name))
    return fields, {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}


@asynccontextmanager
async def connected(target: Target) -> AsyncIterator[Server]:
    # No proxy of this machine's, no redirects: the suite looks at each answer itself. A connection for each
    # request: one that the server closes after an error is not the next check's trouble.
    limits = httpx2.Limits(max_keepalive_connections=0)
    async with httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=None, limits=limits) as http:
        yield Server(target, http)


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
