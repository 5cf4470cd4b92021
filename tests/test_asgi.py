"""What an ASGI server passes on and Mangum does not: the same header on several lines."""

import asyncio

import httpx2
import pytest

from app.application import create_app
from tests.issuer import Issuer
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
