"""What an ASGI server passes on and Mangum does not: the same header on several lines."""

import asyncio

import httpx2
import pytest

from app.application import create_app
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
