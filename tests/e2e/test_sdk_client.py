"""The MCP SDK's own client logs in and calls tools: HTTP, gateway event, handler, and all the way back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client

from tests.e2e.stack import Stack, running
from tests.person import Memory, Person, login_of

pytestmark = pytest.mark.e2e
Mode = Literal["auto", "legacy"]
MODES: list[Mode] = ["auto", "legacy"]
VERSIONS = {"auto": "2026-07-28", "legacy": "2025-11-25"}


@pytest.fixture(scope="module", params=[True, False], ids=["challenge renamed", "challenge kept"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit"), rename_challenge=request.param) as stack:
        yield stack
        stack.clock.behind = 0


@asynccontextmanager
async def connected(url: str, person: Person, memory: Memory, mode: Mode) -> AsyncIterator[Client]:
    async with signed_in(login_of(person, memory, url), mode) as client:
        yield client


@asynccontextmanager
async def signed_in(login: OAuthClientProvider, mode: Mode) -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(auth=login, trust_env=False) as http,
        Client(streamable_http_client(login.context.server_url, http_client=http), mode=mode) as client,
    ):
        yield client


async def session_of(url: str, person: Person, memory: Memory, mode: Mode) -> dict[str, Any]:
    """Log in, list, call both tools; what whoami said."""
    async with connected(url, person, memory, mode) as client:
        assert client.protocol_version == VERSIONS[mode]
        tools = [tool.name for tool in (await client.list_tools()).tools]
        assert "whoami" in tools
        days = await client.call_tool("add_working_days", {"start": "2026-11-20", "days": 1})
        assert days.structured_content == {"day": "2026-11-23", "weekday": "Monday"}
        who: dict[str, Any] | None = (await client.call_tool("whoami", {})).structured_content
        assert who is not None
        return who


@pytest.mark.parametrize("mode", MODES)
def test_a_full_login_lists_and_calls_tools(stack: Stack, mode: Mode) -> None:
    person, memory = Person(), Memory()

    who = asyncio.run(session_of(stack.mcp_url, person, memory, mode))

    assert person.logins == 1
    assert memory.client is not None
    assert who["client_id"] == memory.client.client_id
    assert who["user_id"].startswith("user_01")
    assert who["organization_id"].startswith("org_01")


@pytest.mark.parametrize("mode", MODES)
def test_a_token_that_the_client_knows_to_be_expired_is_refreshed_without_a_login(
    stack: Stack, mode: Mode
) -> None:
    person, memory = Person(), Memory()

    async def scenario() -> tuple[str, str]:
        login = login_of(person, memory, stack.mcp_url)
        async with signed_in(login, mode) as client:
            await client.call_tool("whoami", {})
            assert memory.tokens is not None
            first = memory.tokens.access_token
            login.context.token_expiry_time = 1.0  # the client's own note of when the token ends
            await client.call_tool("whoami", {})
            return first, memory.tokens.access_token

    first, second = asyncio.run(scenario())

    assert first != second
    assert person.logins == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_token_that_the_server_refuses_as_expired_makes_the_client_log_in_again(
    stack: Stack, mode: Mode
) -> None:
    class Punctual(Person):
        async def open(self, address: str) -> None:
            stack.clock.behind = 0
            await super().open(address)

    person, memory = Punctual(), Memory()

    async def scenario() -> None:
        login = login_of(person, memory, stack.mcp_url)
        async with signed_in(login, mode) as client:
            await client.call_tool("whoami", {})
            stack.clock.behind = 400  # AuthKit's next token has ended 100 s ago, which its client cannot know
            login.context.token_expiry_time = 1.0
            assert not (await client.call_tool("whoami", {})).is_error

    asyncio.run(scenario())

    assert person.logins == 2


@pytest.mark.parametrize("mode", MODES)
def test_callers_at_the_same_time_are_never_mixed_up(stack: Stack, mode: Mode) -> None:
    async def one() -> bool:
        memory = Memory()
        async with connected(stack.mcp_url, Person(), memory, mode) as client:
            seen = [(await client.call_tool("whoami", {})).structured_content for _ in range(5)]
        assert memory.client is not None
        return all(who is not None and who["client_id"] == memory.client.client_id for who in seen)

    async def all_of_them() -> list[bool]:
        return await asyncio.gather(*(one() for _ in range(4)))

    assert asyncio.run(all_of_them()) == [True] * 4
