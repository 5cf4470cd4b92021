"""A login that is kept: real clients get a refresh token, use it, and may be known by a document (CIMD)."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata
from pydantic import AnyUrl

from tests.e2e.clients import FOLDER, NODE, environment, follow
from tests.e2e.stack import Stack, running
from tests.e2e.test_sdk_client import MODES, Mode, signed_in
from tests.person import REDIRECT_URI, Memory, Person

pytestmark = pytest.mark.e2e
LONG_AGO = 400.0
"""Seconds: a token that was issued then has expired, the server's leeway included."""
DOCUMENT = "https://client.example/oauth/metadata.json"
# As Claude Code publishes its own: without ports, which its program gets when it starts.
PUBLISHED = {
    "client_name": "Document Client",
    "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_method": "none",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit"), documents={DOCUMENT: PUBLISHED}) as stack:
        yield stack


@pytest.fixture(scope="module")
def to_the_letter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A server that does not name offline_access."""
    settings = {"ADVERTISE_OFFLINE_ACCESS": "false"}
    with running(tmp_path_factory.mktemp("authkit"), settings=settings) as stack:
        yield stack


def outlive(stack: Stack, home: Path, library: str, *document: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a JavaScript client kept after its login, and what it said once its access token had expired."""
    command = [str(NODE), str(FOLDER / "outlive_token.mjs"), stack.mcp_url, library, *document]
    with subprocess.Popen(
        command,
        env=environment(home),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        called_back = follow(json.loads(client.stdout.readline())["open"])
        stack.clock.behind = LONG_AGO
        client.stdin.write(f"{called_back}\n")
        client.stdin.flush()
        kept = client.stdout.readline()
        stack.clock.behind = 0.0
        out, err = client.communicate("\n", timeout=30)
    assert client.returncode == 0, err
    return json.loads(kept), json.loads(out)


# Each asks for the scopes that the metadata names, and for no others.
@pytest.mark.parametrize("library", ["ai-sdk", "v1"])
def test_a_client_that_asks_for_what_is_named_outlives_its_token(
    stack: Stack, tmp_path: Path, library: str
) -> None:
    kept, said = outlive(stack, tmp_path, library)

    assert "offline_access" in kept["tokens"]["scope"].split()
    assert said["said"]["user_id"].startswith("user_01")


def test_where_it_is_not_named_such_a_client_has_to_log_in_again(to_the_letter: Stack, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="Unauthorized"):
        outlive(to_the_letter, tmp_path, "ai-sdk")


def test_a_javascript_client_logs_in_by_its_document(stack: Stack, tmp_path: Path) -> None:
    kept, said = outlive(stack, tmp_path, "v2", DOCUMENT)

    assert (kept["client"]["client_id"], said["said"]["client_id"]) == (DOCUMENT, DOCUMENT)
    assert "refresh_token" in kept["tokens"]


@pytest.mark.parametrize("mode", MODES)
def test_a_python_client_logs_in_by_its_document(stack: Stack, mode: Mode) -> None:
    person, memory = Person(), Memory()
    login = OAuthClientProvider(
        server_url=stack.mcp_url,
        client_metadata=OAuthClientMetadata(
            client_name="SDK Client", redirect_uris=[AnyUrl(REDIRECT_URI)], token_endpoint_auth_method="none"
        ),
        storage=memory,
        redirect_handler=person.open,
        callback_handler=person.answer,
        client_metadata_url=DOCUMENT,
    )

    async def scenario() -> dict[str, Any] | None:
        async with signed_in(login, mode) as client:
            said: dict[str, Any] | None = (await client.call_tool("whoami", {})).structured_content
            return said

    who = asyncio.run(scenario())

    assert who is not None
    assert who["client_id"] == DOCUMENT
    assert memory.client is not None
    assert memory.client.client_id == DOCUMENT
