"""A client that was given another name of this machine hears at once which URL the server has."""

import json

import pytest

from tests.infra.gateway.running import Running, Serve

pytestmark = pytest.mark.broad

ECHO = "def handler(event, context):\n    return event['rawPath']\n"
BASE_URL = "http://127.0.0.1:8000"


@pytest.fixture
def running(serve: Serve) -> Running:
    return serve(ECHO, variables={"BASE_URL": BASE_URL})


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
@pytest.mark.parametrize("host", ["localhost:8000", "LOCALHOST", "[::1]:8000", "127.0.0.2:80", "a.localhost:8000"])
def test_a_client_without_a_token_is_told_the_servers_url(running: Running, host: str, path: str) -> None:
    answer = running.client.post(path, content=json.dumps({"id": 1}), headers={"host": host})

    assert answer.status_code == 421
    assert answer.json()["message"].startswith(f"This server is {BASE_URL}/mcp: give the client that URL.")
    assert answer.json()["message"] in running.terminal.lines


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/mcp", {"host": "127.0.0.1:8000"}),
        ("POST", "/mcp", {"host": "evil.example"}),
        ("POST", "/mcp", {"host": "localhost.evil.example:8000"}),
        ("POST", "/mcp", {"host": "localhost:8000", "authorization": "Bearer x"}),
        ("OPTIONS", "/mcp", {"host": "localhost:8000"}),
        ("GET", "/healthz", {"host": "localhost:8000"}),
        ("GET", "/.well-known/oauth-protected-resource/mcp", {"host": "localhost:8000"}),
        ("POST", "/mcp", {"host": "["}),
    ],
)
def test_every_other_request_goes_to_the_function(
    running: Running, method: str, path: str, headers: dict[str, str]
) -> None:
    assert running.client.request(method, path, headers=headers).text == path


def test_a_server_that_is_called_localhost_is_served_as_localhost(serve: Serve) -> None:
    running = serve(ECHO, variables={"BASE_URL": "http://localhost:8000"})

    assert running.client.post("/mcp", headers={"host": "localhost:8000"}).text == "/mcp"
    assert running.client.post("/mcp").status_code == 421


def test_without_a_base_url_there_is_nothing_to_compare(serve: Serve) -> None:
    assert serve(ECHO).client.post("/mcp", headers={"host": "localhost:8000"}).text == "/mcp"
