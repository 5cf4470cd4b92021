"""Every example over MCP by the SDK's client, through the gateway and the handler, for each seeded caller."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from tests.e2e.stack import Stack, running
from tests.examples.test_what_each_caller_is_told import REFUSED, ROWS, TOOLS

pytestmark = pytest.mark.e2e
HOOK = {"X-Local-Stand-In": "1"}
WHO: dict[str, dict[str, Any]] = {
    "ada, admin of one": {"user": "ada@example.com"},
    "grace, at her second": {"user": "grace@example.com", "organization": "Compiler Works"},
    "alan, of none": {"user": "alan@example.com"},
    "a machine": {"machine": True},
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {"ALLOW_MACHINE_TOKENS": "true"}
    with running(tmp_path_factory.mktemp("authkit"), settings=settings) as stack:
        yield stack


def token(stack: Stack, caller: str) -> str:
    answer = httpx2.post(f"{stack.authkit_url}/_local/token", headers=HOOK, json=WHO[caller])
    return str(answer.json()["access_token"])


async def call(stack: Stack, caller: str, tool: str) -> tuple[str, bool]:
    bearer = {"authorization": f"Bearer {token(stack, caller)}"}
    async with (
        httpx2.AsyncClient(headers=bearer, trust_env=False, timeout=120) as http,
        Client(streamable_http_client(stack.mcp_url, http_client=http)) as client,
    ):
        try:
            result = await client.call_tool(tool, TOOLS[tool])
        except MCPError as error:  # of a tool that does not exist for this caller
            return error.message, True
    return "".join(getattr(part, "text", "") for part in result.content), result.is_error


@pytest.mark.parametrize(("tool", "caller", "told"), ROWS, ids=[f"{tool} by {caller}" for tool, caller, _ in ROWS])
def test_each_caller_is_told_what_is_theirs(tool: str, caller: str, told: str, stack: Stack) -> None:
    if tool == "rename_me":  # what an earlier test renamed is named anew
        told = {"Ada Lovelace": "Augusta King", "Grace Hopper": "Augusta King", "Alan Turing": "Augusta King"}.get(
            told, told
        )

    text, is_error = asyncio.run(call(stack, caller, tool))

    assert told in text
    assert is_error is (told in REFUSED)


FAILURES: list[tuple[dict[str, Any], str, float]] = [
    ({"status": 401}, "does not accept this server's API key", 1),
    ({"status": 404}, "does not know what was asked for", 1),
    ({"status": 422}, "refused the values", 1),
    ({"status": 429, "retry_after": 7}, "Try again in 7 seconds", 1),
    ({"status": 500}, "has a problem at the moment", 2),
    ({"hang": True}, "did not answer in time", 8),
]


@pytest.mark.parametrize(("failure", "said", "seconds"), FAILURES, ids=[str(row[0]) for row in FAILURES])
def test_a_failing_workos_is_told_to_the_caller_within_its_bound(
    failure: dict[str, Any], said: str, seconds: float, stack: Stack
) -> None:
    hook = f"{stack.authkit_url}/_local/failures"
    asyncio.run(call(stack, "ada, admin of one", "my_organization"))  # what the first call costs is not WorkOS's
    httpx2.post(hook, headers=HOOK, json={"path": "/organizations", **failure}).raise_for_status()

    async def timed() -> tuple[str, bool, float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        text, is_error = await call(stack, "ada, admin of one", "my_organization")
        return text, is_error, loop.time() - began

    text, is_error, took = asyncio.run(timed())
    httpx2.delete(hook, headers=HOOK)

    print(f"{failure}: {text!r} after {took:.2f} s")
    assert (said in text, is_error) == (True, True)
    assert took < seconds
