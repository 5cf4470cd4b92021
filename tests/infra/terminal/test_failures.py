"""What a user reads when the server refuses, is away, or is not an MCP server."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from infra.local.loopback import LoopbackServer
from infra.terminal import call
from infra.terminal.command import TerminalError
from infra.terminal.connection import Refusals
from tests.infra.terminal.screens import make_screen

TOKEN = "eyJ.secret.token"
ANSWERS: dict[str, tuple[int, dict[str, str], str]] = {
    "/unknown-token": (
        401,
        {"www-authenticate": 'Bearer error="invalid_token"'},
        json.dumps({"error": "invalid_token", "error_description": "The access token is expired."}),
    ),
    "/scope": (
        403,
        {"www-authenticate": 'Bearer error="insufficient_scope", scope="reports:read"'},
        json.dumps(
            {"error": "insufficient_scope", "error_description": "A scope is missing.", "scope": "reports:read"}
        ),
    ),
    "/outage": (
        503,
        {"retry-after": "7"},
        json.dumps({"error": "temporarily_unavailable", "error_description": "No signing keys."}),
    ),
    "/no-login": (401, {}, "{}"),
    "/absent-login": (401, {}, "{}"),
    "/broken": (500, {"content-type": "text/plain"}, "Internal Server Error"),
    "/page": (502, {"content-type": "text/html"}, "<html>\x1b[2J bad gateway </html>"),
    "/no-mcp": (200, {"content-type": "text/html"}, "<html>hello</html>"),
    "/empty": (400, {}, ""),
    "/rpc": (400, {}, json.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "Not today."}})),
}


async def answer(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        for each in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{each}.complete"})
        return
    status, headers, body = ANSWERS.get(scope["path"], (404, {}, "{}"))
    if scope["path"] == "/.well-known/oauth-protected-resource/absent-login":
        origin = f"http://127.0.0.1:{scope['server'][1]}"
        metadata = {"resource": f"{origin}/absent-login", "authorization_servers": ["http://127.0.0.1:1"]}
        status, body = 200, json.dumps(metadata)
    raw = [
        (name.encode(), value.encode()) for name, value in ({"content-type": "application/json"} | headers).items()
    ]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body.encode()})


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with LoopbackServer(answer) as server:
        yield server.url


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        (
            "/unknown-token",
            [
                "The server answers 401: The access token is expired.",
                "Give a new TOKEN, or unset it to log in through the browser.",
            ],
        ),
        (
            "/scope",
            [
                "The server answers 403: A scope is missing.",
                "Missing scope: reports:read. Give a TOKEN with it.",
            ],
        ),
        ("/outage", ["The server answers 503: No signing keys.", "Try again in 7 s."]),
        (
            "/broken",
            ["The server answers 500: Internal Server Error", "The terminal of `make dev` says why."],
        ),
        ("/page", ["The server answers 502: <html> [2J bad gateway </html>"]),
        ("/no-mcp", ["The server answers with an error: Unexpected content type: text/html"]),
        ("/empty", ["The server answers 400"]),
        ("/rpc", ["The server answers with an error: Not today."]),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_each_refusal_is_shown_with_what_to_do(site: str, path: str, lines: list[str], tmp_path: Path) -> None:
    seen = make_screen()
    variables = {"URL": f"{site}{path}", "TOKEN": TOKEN, "TOOL": "whoami", "LOGIN_FOLDER": str(tmp_path)}

    with pytest.raises(TerminalError) as refusal:
        call.main(variables, seen.screen)

    assert str(refusal.value).splitlines() == lines
    assert TOKEN not in str(refusal.value) + seen.out + seen.err


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/no-login", "The login failed: "),
        ("/absent-login", "The login failed: no answer from http://127.0.0.1:1: "),
    ],
    ids=["none", "away"],
)
def test_a_login_server_that_is_not_there_is_what_the_user_reads(
    site: str, path: str, message: str, tmp_path: Path
) -> None:
    variables = {"URL": f"{site}{path}", "TOOL": "whoami", "LOGIN_FOLDER": str(tmp_path)}

    with pytest.raises(TerminalError) as failure:
        call.main(variables, make_screen().screen)

    assert str(failure.value).startswith(message)


def test_only_answers_of_the_server_itself_count_in_every_form_of_its_url() -> None:
    refusals = Refusals("https://MCP.example.com:443/mcp")

    async def note(url: str, status: int) -> bool:
        await refusals.note(httpx2.Response(status, request=httpx2.Request("POST", url)))
        return refusals.last is not None

    async def scenario() -> list[bool]:
        asked = [("https://login.example.com/token", 400), ("https://mcp.example.com/mcp", 401)]
        return [await note(*each) for each in [*asked, ("https://mcp.example.com/mcp", 200)]]

    assert asyncio.run(scenario()) == [False, True, False]
