"""Short-lived tokens: a real client refreshes by itself, and no call is lost."""

import asyncio
import time
from collections.abc import Iterator
from typing import Literal

import pytest

from tests.e2e.stack import Stack, running
from tests.e2e.test_sdk_client import signed_in
from tests.person import Memory, Person, login_of

pytestmark = pytest.mark.e2e
LIFETIME = 3
ROTATIONS = 3
PATIENCE = 60.0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit"), token_lifetime=LIFETIME) as stack:
        yield stack


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_calls_go_on_over_several_lifetimes_of_a_token(stack: Stack, mode: Literal["auto", "legacy"]) -> None:
    person, memory = Person(), Memory()
    tokens: set[str] = set()
    failed = 0

    async def scenario() -> int:
        nonlocal failed
        calls, began = 0, time.monotonic()
        async with signed_in(login_of(person, memory, stack.mcp_url), mode) as client:
            while len(tokens) <= ROTATIONS and time.monotonic() - began < PATIENCE:
                result = await client.call_tool("whoami", {})
                calls, failed = calls + 1, failed + bool(result.is_error)
                assert memory.tokens is not None
                tokens.add(memory.tokens.access_token)
        return calls

    calls = asyncio.run(scenario())

    assert (len(tokens), failed, person.logins) == (ROTATIONS + 1, 0, 1)
    assert calls > 100
