"""The official client asks its user for more when an operation needs it, and only then."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.e2e.stack import Stack, running
from tests.e2e.test_sdk_client import MODES, Mode, connected
from tests.person import Memory, Person

pytestmark = pytest.mark.e2e
# A login asks for what the first challenge names: without the email address, until a tool needs it.
SETTINGS = {"REQUIRED_SCOPES": "openid"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit"), rename_challenge=False, settings=SETTINGS) as stack:
        yield stack


@pytest.fixture(scope="module")
def renaming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit"), rename_challenge=True, settings=SETTINGS) as stack:
        yield stack


@pytest.mark.parametrize("mode", MODES)
def test_a_tool_that_needs_more_makes_the_client_ask_its_user_once(stack: Stack, mode: Mode) -> None:
    person, memory = Person(), Memory()

    async def scenario() -> tuple[list[str], list[str], Any]:
        async with connected(stack.mcp_url, person, memory, mode) as client:
            before = (await client.call_tool("whoami", {})).structured_content
            profile = await client.call_tool("my_profile", {})
            after = (await client.call_tool("whoami", {})).structured_content
            await client.call_tool("my_profile", {})
        assert before is not None
        assert after is not None
        return before["scopes"], after["scopes"], profile.structured_content

    before, after, profile = asyncio.run(scenario())

    assert set(before) <= {"openid", "offline_access"}
    assert {"openid", "profile", "email"} <= set(after)
    assert profile == {"name": "Ada Lovelace", "email": "ada@example.com"}
    assert person.logins == 2


@pytest.mark.parametrize("mode", MODES)
def test_behind_a_gateway_that_renames_headers_the_login_asks_for_all_that_tools_need(
    renaming: Stack, mode: Mode
) -> None:
    person, memory = Person(), Memory()

    async def scenario() -> Any:
        async with connected(renaming.mcp_url, person, memory, mode) as client:
            return (await client.call_tool("my_profile", {})).structured_content

    assert asyncio.run(scenario()) == {"name": "Ada Lovelace", "email": "ada@example.com"}
    assert person.logins == 1


def call(stack: Stack, tool: str, **fields: Any) -> httpx2.Response:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool}}
    bearer = {"authorization": f"Bearer {stack.token(**fields)}"}
    return httpx2.post(stack.mcp_url, headers=bearer, json=body, trust_env=False, timeout=120)


def test_what_the_renamed_header_says_stands_in_the_body(renaming: Stack) -> None:
    answer = call(renaming, "my_profile", scope="openid")

    assert answer.status_code == 403
    assert "www-authenticate" not in answer.headers
    assert answer.headers["x-amzn-remapped-www-authenticate"].startswith('Bearer error="insufficient_scope"')
    assert answer.json()["error"] == "insufficient_scope"
    assert answer.json()["scope"] == "openid profile email"


def test_a_missing_permission_is_a_result_that_says_who_grants_it(renaming: Stack) -> None:
    answer = call(renaming, "list_members", user="katherine@example.com")

    assert answer.status_code == 200
    assert answer.json()["result"]["isError"] is True
    assert answer.json()["result"]["content"][0]["text"] == (
        "You may not use this: you need one of these: the permission members:manage; the role admin. "
        "An administrator of your organisation can give you a role that has it. "
        "An administrator of your organisation can give you this role."
    )
