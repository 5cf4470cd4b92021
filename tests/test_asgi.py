"""What an ASGI server passes on and Mangum does not: the same header on several lines."""

import asyncio
from typing import Any

import httpx2
import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect

from app.application import create_app
from app.protocol.wire.message import MessageRejected
from app.protocol.wire.post import MAX_BODY_BYTES, read_body
from tests.catalogues import many
from tests.issuer import Issuer
from tests.log import Log
from tests.rig import SETTINGS, message


def post(headers: list[tuple[str, str]], body: object) -> httpx2.Response:
    issuer = Issuer()
    app = create_app(SETTINGS, fetch=issuer.fetch, clock=issuer.clock)
    sent = [(name, value.replace("TOKEN", issuer.token())) for name, value in headers]

    async def send() -> httpx2.Response:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://mcp.example.com") as client:
            return await client.post("/mcp", headers=sent, json=body)

    return asyncio.run(send())


@pytest.mark.parametrize("second", ["Bearer TOKEN", "Bearer other", "Basic eDp5"])
def test_two_authorization_lines_are_a_400_even_if_the_first_is_good(second: str) -> None:
    answer = post([("authorization", "Bearer TOKEN"), ("authorization", second)], {})

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_routing_header_on_two_lines_is_a_400() -> None:
    headers, body = message("tools/list")
    lines = [*headers.items(), ("mcp-method", "tools/list"), ("authorization", "Bearer TOKEN")]

    answer = post(lines, body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32020)


def test_two_origins_are_a_403() -> None:
    answer = post([("origin", "https://a.example"), ("origin", "https://b.example")], {})

    assert answer.status_code == 403


def test_a_request_that_its_host_cancels_is_not_answered_as_a_tool_error(log: Log) -> None:
    issuer, fetched = Issuer(), asyncio.Event()

    async def fetch(url: str, *, seconds: float) -> bytes:
        fetched.set()
        return await issuer.fetch(url, seconds=seconds)

    app = create_app(SETTINGS, tools=many, fetch=fetch, clock=issuer.clock)
    headers, body = message("tools/call", {"name": "slow", "arguments": {}})
    bearer = {"authorization": f"Bearer {issuer.token()}"}

    async def scenario() -> bool:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://mcp.example.com") as client:
            call = asyncio.ensure_future(client.post("/mcp", headers={**headers, **bearer}, json=body))
            await fetched.wait()
            for _ in range(100):  # from the keys to the tool
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.wait([call])
            return call.cancelled()

    assert asyncio.run(scenario())
    assert not log("tool raised")


class Body:
    """What a server passes on of a body, part by part; a part of None is the end of the connection."""

    def __init__(self, *parts: bytes | None) -> None:
        self._parts = list(parts)

    @property
    def unread(self) -> int:
        return len(self._parts)

    async def receive(self) -> dict[str, Any]:
        part = self._parts.pop(0)
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(self._parts)}


def read(body: Body) -> bytes:
    return asyncio.run(read_body(Request({"type": "http", "method": "POST", "headers": []}, body.receive)))


def test_a_body_in_parts_is_put_together() -> None:
    assert read(Body(b'{"a"', b"", b": 1}")) == b'{"a": 1}'


def test_a_body_without_announced_length_is_not_read_beyond_the_limit() -> None:
    body = Body(b"x" * MAX_BODY_BYTES, b"x", b"never read")

    with pytest.raises(MessageRejected) as rejected:
        read(body)

    assert rejected.value.status == 413
    assert body.unread == 1


def test_a_client_that_leaves_in_mid_body_is_answered_by_nobody() -> None:
    with pytest.raises(ClientDisconnect):
        read(Body(b'{"a"', None))
