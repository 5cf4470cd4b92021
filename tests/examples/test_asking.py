"""The example that asks before it deletes, by real clients, through the gateway and the handler."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ElicitRequestParams, ElicitResult

from tests.e2e.clients import FOLDER, INSPECTOR, NODE, environment
from tests.e2e.stack import Stack, running
from tests.e2e.test_sdk_client import MODES, Mode

pytestmark = pytest.mark.e2e
NOTE = "Call Charles"
QUESTION = f'Delete your note "{NOTE}"? Nobody can bring it back.'
UNASKED = (
    "Your note is still there: it is deleted only if you say so yourself, and you could not be asked. Before "
    "protocol version 2026-07-28 a question needs a session, which this server does not have; from then on "
    "the client has to declare elicitation. "
    "You can replace it with keep_note."
)
ANSWERS: list[tuple[dict[str, Any], str, bool]] = [
    # what the user does, what the client is told, whether the note is still there
    ({"action": "accept", "content": {"really": True}}, "Your note is deleted.", False),
    ({"action": "accept", "content": {"really": False}}, "Your note is still there.", True),
    ({"action": "decline"}, "The user was asked, and said no.", True),
    ({"action": "cancel"}, "The user was asked, and closed the question without an answer.", True),
]
IDS = ["yes", "no", "declined", "cancelled"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


@pytest.fixture
def token(stack: Stack) -> str:
    """Of somebody who has a note."""
    token = stack.token(user="ada@example.com")
    assert call(stack, token, "keep_note", {"note": NOTE})[0]
    return token


def has_note(stack: Stack, token: str) -> bool:
    """Whether there was one; there is one afterwards."""
    text, _ = call(stack, token, "keep_note", {"note": NOTE})
    return json.loads(text)["before"] is not None


def call(
    stack: Stack,
    token: str,
    tool: str,
    arguments: dict[str, Any] | None = None,
    mode: Mode = "auto",
    **options: Any,
) -> tuple[str, bool]:
    """What the SDK's client is told, and whether it is an error."""

    async def told() -> tuple[str, bool]:
        bearer = {"authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=bearer, trust_env=False, timeout=120) as http,
            Client(streamable_http_client(stack.mcp_url, http_client=http), mode=mode, **options) as client,
        ):
            result = await client.call_tool(tool, arguments or {})
        return "".join(getattr(part, "text", "") for part in result.content), result.is_error

    return asyncio.run(told())


class User:
    """Sits before the SDK's client, and reads what is asked."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.read: list[str] = []
        self._answer = answer

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self.read.append(params.message)
        return ElicitResult.model_validate(self._answer)


@pytest.mark.parametrize(("answer", "told", "stays"), ANSWERS, ids=IDS)
def test_the_python_sdks_client_asks_its_user_and_goes_on(
    stack: Stack, token: str, answer: dict[str, Any], told: str, *, stays: bool
) -> None:
    user = User(answer)

    text, is_error = call(stack, token, "delete_note", elicitation_callback=user)

    assert (text, is_error) == (told, answer["action"] != "accept")
    assert user.read == [QUESTION]
    assert has_note(stack, token) is stays


def test_in_the_2025_era_the_client_gets_what_the_author_declared(stack: Stack, token: str) -> None:
    user = User(ANSWERS[0][0])

    assert call(stack, token, "delete_note", mode="legacy", elicitation_callback=user) == (UNASKED, True)
    assert user.read == []
    assert has_note(stack, token)


@pytest.mark.parametrize("mode", MODES)
def test_so_does_a_client_that_cannot_ask(stack: Stack, token: str, mode: Mode) -> None:
    assert call(stack, token, "delete_note", mode=mode) == (UNASKED, True)
    assert has_note(stack, token)


@pytest.mark.parametrize(("answer", "told", "stays"), ANSWERS, ids=IDS)
def test_the_typescript_sdks_client_asks_its_user_and_goes_on(
    stack: Stack, token: str, tmp_path: Path, answer: dict[str, Any], told: str, *, stays: bool
) -> None:
    said = typescript(stack, token, tmp_path, "auto", answer)

    assert said == {"asked": [QUESTION], "text": told, "isError": answer["action"] != "accept"}
    assert has_note(stack, token) is stays


def test_the_typescript_sdks_client_of_the_2025_era_gets_what_the_author_declared(
    stack: Stack, token: str, tmp_path: Path
) -> None:
    said = typescript(stack, token, tmp_path, "legacy", ANSWERS[0][0])

    assert said == {"asked": [], "text": UNASKED, "isError": True}


def typescript(stack: Stack, token: str, home: Path, mode: str, answer: dict[str, Any]) -> Any:
    script = str(FOLDER / "call_and_answer.mjs")
    command = [str(NODE), script, stack.mcp_url, token, "delete_note", mode, json.dumps(answer)]
    done = subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_the_inspectors_command_line_has_nobody_to_ask(stack: Stack, token: str, tmp_path: Path, era: str) -> None:
    command = [str(NODE), str(INSPECTOR), "--cli", stack.mcp_url, "--transport", "http", "--format", "json"]
    header = ["--header", f"Authorization: Bearer {token}", "--protocol-era", era]
    tool = ["--method", "tools/call", "--tool-name", "delete_note"]
    done = subprocess.run(
        [*command, *header, *tool],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert UNASKED in done.stdout
    assert has_note(stack, token)
