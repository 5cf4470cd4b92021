"""Real clients log in, call a tool that needs GitHub, connect an account at WorkOS and get GitHub's answer."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ElicitRequestParams, ElicitRequestURLParams, ElicitResult

from tests.accounts.browser import Browser
from tests.e2e.clients import FOLDER, NODE, environment
from tests.e2e.stack import Stack, running
from tests.e2e.test_sdk_client import VERSIONS, Mode
from tests.person import Memory, Person, login_of

pytestmark = pytest.mark.e2e
TOOL = "list_my_repositories"
REPOSITORIES = ["ada-l/engine", "ada-l/notes"]
ADDRESS = "Open this address in your browser to connect it, then call again: "


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


@pytest.fixture(autouse=True)
def nothing_is_connected(stack: Stack) -> None:
    """Each test begins without an account, and without a token in the function's memory."""
    asyncio.run(_disconnect(stack))


async def _disconnect(stack: Stack) -> None:
    async def agree(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        return ElicitResult(action="accept", content={"really": True})

    bearer = {"authorization": f"Bearer {stack.token(user='ada@example.com')}"}
    async with (
        httpx2.AsyncClient(headers=bearer, trust_env=False, timeout=60) as http,
        Client(streamable_http_client(stack.mcp_url, http_client=http), elicitation_callback=agree) as client,
    ):
        assert not (await client.call_tool("disconnect", {"provider": "github"})).is_error


class User:
    """Sits before the client: opens the pages that it is sent to, and connects the first account there."""

    def __init__(self, stack: Stack) -> None:
        self.read: list[str] = []
        self.pages: list[str] = []
        self._stack = stack

    async def visit(self, address: str) -> None:
        browser = Browser()
        end = await browser.connect(address, until=f"{self._stack.base_url}/connected")
        self.pages += browser.pages
        closing = await browser.read(end)
        assert (closing.status_code, "You can close this window" in closing.text) == (200, True)

    async def __call__(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self.read.append(params.message)
        assert isinstance(params, ElicitRequestURLParams)
        await self.visit(params.url)
        return ElicitResult(action="accept")


@asynccontextmanager
async def logged_in(stack: Stack, user: User, mode: Mode) -> AsyncIterator[Client]:
    login = login_of(Person(), Memory(), stack.mcp_url)
    async with (
        httpx2.AsyncClient(auth=login, trust_env=False, timeout=60) as http,
        Client(
            streamable_http_client(stack.mcp_url, http_client=http), mode=mode, elicitation_callback=user
        ) as client,
    ):
        assert client.protocol_version == VERSIONS[mode]
        yield client


def names(result: Any) -> list[str]:
    assert not result.is_error, result.content
    return [row["full_name"] for row in result.structured_content["result"]]


def test_the_python_sdks_client_is_sent_to_workos_and_gets_the_answer_of_github(stack: Stack) -> None:
    user = User(stack)

    async def scenario() -> tuple[list[str], list[str]]:
        async with logged_in(stack, user, "auto") as client:
            return names(await client.call_tool(TOOL, {})), names(await client.call_tool(TOOL, {}))

    assert asyncio.run(scenario()) == (REPOSITORIES, REPOSITORIES)
    assert len(user.read) == 1
    assert "Ada Lovelace" in user.pages[0]


def test_in_the_2025_era_the_result_has_the_address_and_the_next_call_the_answer(stack: Stack) -> None:
    user = User(stack)

    async def scenario() -> list[str]:
        async with logged_in(stack, user, "legacy") as client:
            first = await client.call_tool(TOOL, {})
            assert first.is_error
            text = first.content[0].text  # type: ignore[union-attr]
            await user.visit(text.partition(ADDRESS)[2])
            return names(await client.call_tool(TOOL, {}))

    assert asyncio.run(scenario()) == REPOSITORIES
    assert user.read == []


def test_after_the_connection_ended_the_next_call_asks_again(stack: Stack) -> None:
    user = User(stack)

    async def scenario() -> None:
        async with logged_in(stack, user, "auto") as client:
            names(await client.call_tool(TOOL, {}))
            await _disconnect(stack)
            names(await client.call_tool(TOOL, {}))

    asyncio.run(scenario())
    assert len(user.read) == 2


def test_a_provider_that_took_the_access_back_is_told_to_the_user(stack: Stack) -> None:
    user = User(stack)

    async def scenario() -> str:
        async with logged_in(stack, user, "auto") as client:
            names(await client.call_tool(TOOL, {}))
            stack.hook("POST", "provider-tokens/revoke", {"provider": "github", "login": "ada-l"})
            return (await client.call_tool(TOOL, {})).content[0].text  # type: ignore[union-attr]

    assert asyncio.run(scenario()).startswith("GitHub does not accept the connection any more.")


def test_whoever_else_opens_the_address_reads_whose_account_it_would_be(stack: Stack) -> None:
    async def scenario() -> tuple[str, str]:
        async with logged_in(stack, User(stack), "legacy") as client:
            text = (await client.call_tool(TOOL, {})).content[0].text  # type: ignore[union-attr]
        address = text.partition(ADDRESS)[2]
        return address, (await Browser().read(address)).text

    address, page = asyncio.run(scenario())
    assert "Ada Lovelace" in page
    assert "ada@example.com" in page
    assert "If this is not you, somebody else sent you the link: cancel." in page
    assert "ada" not in urlsplit(address).query.lower().partition("state=")[0]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_typescript_sdks_client_connects_too(mode: Mode, stack: Stack, tmp_path: Any) -> None:
    user, token = User(stack), stack.token(user="ada@example.com")

    def call() -> tuple[list[str], dict[str, Any]]:
        visited: list[str] = []
        command = [str(NODE), "visit.mjs", stack.mcp_url, token, TOOL, mode]
        with subprocess.Popen(
            command,
            cwd=FOLDER,
            env=dict(environment(tmp_path)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as client:
            assert client.stdin is not None
            assert client.stdout is not None
            for line in client.stdout:
                said: dict[str, Any] = json.loads(line)
                if "text" in said:
                    return visited, said
                visited.append(said["url"])
                asyncio.run(user.visit(said["url"]))
                client.stdin.write("\n")
                client.stdin.flush()
        raise AssertionError("the client ended without a result")

    visited, said = call()
    if mode == "legacy":
        assert (visited, said["isError"]) == ([], True)
        asyncio.run(user.visit(said["text"].partition(ADDRESS)[2]))
        visited, said = call()
        assert visited == []
    else:
        assert len(visited) == 1
    assert not said["isError"]
    assert [row["full_name"] for row in said["structured"]["result"]] == REPOSITORIES


def test_no_token_of_github_is_in_a_line_that_the_function_wrote(stack: Stack) -> None:
    asyncio.run(_use(stack))

    assert any(TOOL in line for line in stack.lines)
    assert [line for line in stack.lines if "gho_" in line or "ghr_" in line] == []


async def _use(stack: Stack) -> None:
    async with logged_in(stack, User(stack), "auto") as client:
        names(await client.call_tool(TOOL, {}))
