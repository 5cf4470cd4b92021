"""The front adds a token in time, and changes nothing else."""

import json
from collections.abc import Iterator

import httpx2
import jwt
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.protocol.front import MARGIN, create_front
from infra.local.loopback import LoopbackServer
from infra.local.token import TokenError
from tests.issuer import Clock

LIFETIME = 300.0


class AuthKit:
    """Gives out tokens that are told apart by their number."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.issued: list[str] = []
        self.is_down = False

    def fetch(self) -> str:
        if self.is_down:
            raise TokenError("nothing answers")
        claims = {"jti": len(self.issued), "exp": self.clock() + LIFETIME}
        self.issued.append(jwt.encode(claims, "a key of thirty-two bytes for HS256"))
        return self.issued[-1]


async def echo(request: Request) -> Response:
    sent = {
        "method": request.method,
        "target": f"{request.url.path}?{request.url.query}",
        "headers": request.headers.items(),
        "body": (await request.body()).decode(),
    }
    return JSONResponse(sent, 418, {"www-authenticate": "Bearer", "x-own": "kept"})


@pytest.fixture
def authkit() -> AuthKit:
    return AuthKit()


@pytest.fixture
def client(authkit: AuthKit) -> Iterator[httpx2.Client]:
    server = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST", "DELETE"])])
    with LoopbackServer(server) as behind:
        front = create_front(behind.url, authkit.fetch, authkit.clock)
        with LoopbackServer(front) as ahead, httpx2.Client(trust_env=False, base_url=ahead.url) as client:
            yield client


def token_of(answer: httpx2.Response) -> str:
    return str(dict(answer.json()["headers"])["authorization"])


def test_a_request_goes_on_as_it_came_with_a_token_beside(client: httpx2.Client, authkit: AuthKit) -> None:
    request = httpx2.Request(
        "POST",
        client.base_url.join("/mcp?a=1"),
        headers={"Host": "evil.example.com", "Origin": "http://evil.example.com", "Mcp-Name": "=?base64?YQ==?="},
        content="body",
    )

    sent = client.send(request).json()

    assert (sent["method"], sent["target"], sent["body"]) == ("POST", "/mcp?a=1", "body")
    assert sorted(sent["headers"]) == [
        ["authorization", f"Bearer {authkit.issued[0]}"],
        ["content-length", "4"],
        ["host", "evil.example.com"],
        ["mcp-name", "=?base64?YQ==?="],
        ["origin", "http://evil.example.com"],
    ]


def test_the_answer_comes_back_as_it_was(client: httpx2.Client) -> None:
    answer = client.delete("/mcp")

    assert answer.status_code == 418
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["x-own"] == "kept"
    assert json.loads(answer.content)["method"] == "DELETE"


def test_a_token_of_the_callers_own_is_replaced(client: httpx2.Client, authkit: AuthKit) -> None:
    assert token_of(client.get("/", headers={"authorization": "Bearer own"})) == f"Bearer {authkit.issued[0]}"


def test_a_token_is_kept_while_it_is_good_and_replaced_before_its_end(
    client: httpx2.Client, authkit: AuthKit
) -> None:
    first = token_of(client.get("/"))
    authkit.clock.now += LIFETIME - MARGIN - 1
    kept = token_of(client.get("/"))
    authkit.clock.now += 2
    new = token_of(client.get("/"))

    assert first == kept != new
    assert len(authkit.issued) == 2


def test_without_a_token_the_caller_hears_that_it_is_not_the_servers_answer(
    client: httpx2.Client, authkit: AuthKit
) -> None:
    authkit.is_down = True

    answer = client.get("/")

    assert (answer.status_code, answer.text) == (502, "nothing answers")
