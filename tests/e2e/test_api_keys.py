"""API keys over the local stack: clients in both eras, a key deleted in WorkOS, and no key written anywhere."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from infra.local.seed.load import load_seed
from tests.e2e.stack import Stack, running

pytestmark = pytest.mark.e2e

SETTINGS = {"ALLOW_API_KEYS": "true", "API_KEY_MEMORY_SECONDS": "1", "AUDIT_LOG_ACTION": "mcp.tool_called"}
SEED = load_seed()
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "my_access", "arguments": {}}}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit"), settings=SETTINGS) as stack:
        yield stack


def value(name: str) -> str:
    key = SEED.api_key(name)
    assert key is not None
    return key.value


def post(stack: Stack, key: str) -> httpx2.Response:
    with httpx2.Client(trust_env=False, timeout=30) as http:
        return http.post(stack.mcp_url, json=CALL, headers={"authorization": f"Bearer {key}"})


async def use_client(stack: Stack, key: str, mode: str) -> Any:
    headers = {"authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(trust_env=False, headers=headers, timeout=30) as http,
        Client(streamable_http_client(stack.mcp_url, http_client=http), mode=mode) as client,
    ):
        return (await client.call_tool("my_access", {})).structured_content


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
def test_a_client_with_a_key_calls_a_tool(mode: str, stack: Stack) -> None:
    held = asyncio.run(use_client(stack, value("CI"), mode))

    assert held["permissions"] == ["reports:read", "reports:write"]


def test_a_key_that_is_deleted_in_workos_stops_working(stack: Stack) -> None:
    headers = {"authorization": f"Bearer {SEED.environment.api_key}"}
    with httpx2.Client(trust_env=False, base_url=stack.authkit_url, headers=headers) as workos:
        made = workos.post(f"/organizations/{SEED.organizations[0].id}/api_keys", json={"name": "Short"}).json()
        before = post(stack, made["value"]).status_code
        assert workos.delete(f"/api_keys/{made['id']}").status_code == 204

    # The memory is a second, so one of the next answers is the last one with 200.
    assert before == 200
    assert (
        next(status for status in iter(lambda: post(stack, made["value"]).status_code, 0) if status != 200) == 401
    )


def test_no_key_is_in_a_line_an_answer_or_an_audit_event(stack: Stack) -> None:
    answers = [post(stack, key.value) for key in SEED.api_keys]
    answers += [post(stack, key.value[:-1]) for key in SEED.api_keys]
    answers += [post(stack, f"{key.value}.{key.value}.x") for key in SEED.api_keys]
    events = stack.hook("GET", "audit-logs/events")["events"]

    written = "".join([*stack.lines, json.dumps(events)])
    written += "".join(answer.text + repr(answer.headers) for answer in answers)
    assert sorted({answer.status_code for answer in answers}) == [200, 401]
    assert "api_key_01LOCALCI0000000000000000" in "".join(stack.lines)
    assert "api_key_01LOCALCI0000000000000000" in json.dumps(events)
    assert [key.name for key in SEED.api_keys if key.value[:-1] in written] == []
    assert SEED.environment.api_key not in written
