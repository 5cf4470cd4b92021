"""The MCP SDK's own client hears what a call says: all of it, in order, and the result behind it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import LoggingMessageNotificationParams

from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
from tests.e2e.test_sdk_client import MODES, Mode
from tests.loopback_issuer import LoopbackIssuer, loopback_issuer

pytestmark = pytest.mark.e2e


class Heard:
    """What the client's callbacks are told, in the order in which they are."""

    def __init__(self) -> None:
        self.said: list[tuple[str, Any]] = []

    async def progress(self, progress: float, total: float | None, message: str | None) -> None:
        self.said.append(("progress", (progress, total, message)))

    async def log(self, params: LoggingMessageNotificationParams) -> None:
        self.said.append((params.level, params.data))


@pytest.fixture(scope="module")
def vendor() -> Iterator[LoopbackIssuer]:
    with loopback_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def url(vendor: LoopbackIssuer) -> Iterator[str]:
    gateway = create_gateway(vendor.settings, handler="tests.calling_function", say=lambda line: None)
    with LoopbackServer(gateway) as server:
        yield f"{server.url}/mcp"
        gateway.close()


@asynccontextmanager
async def connected(url: str, vendor: LoopbackIssuer, mode: Mode, heard: Heard) -> AsyncIterator[Client]:
    """A client that wants every log message."""
    headers = {"authorization": f"Bearer {vendor.issuer.token()}"}
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False) as http,
        Client(
            streamable_http_client(url, http_client=http), mode=mode, logging_callback=heard.log, log_level="debug"
        ) as client,
    ):
        yield client


@pytest.mark.parametrize("mode", MODES)
def test_progress_and_log_messages_reach_the_callbacks_in_order(
    url: str, vendor: LoopbackIssuer, mode: Mode
) -> None:
    heard = Heard()

    async def scenario() -> Any:
        async with connected(url, vendor, mode, heard) as client:
            return await client.call_tool("mixes", {}, progress_callback=heard.progress)

    result = asyncio.run(scenario())

    assert result.structured_content == {"result": "mixed"}
    assert heard.said == [
        ("progress", (1, 2, "half")),
        ("info", "between"),
        ("progress", (2, 2, None)),
        ("error", "at the end"),
    ]


@pytest.mark.parametrize("mode", MODES)
def test_a_hundred_steps_arrive_one_by_one(url: str, vendor: LoopbackIssuer, mode: Mode) -> None:
    heard, steps = Heard(), [step / 100 for step in range(1, 101)]

    async def scenario() -> Any:
        async with connected(url, vendor, mode, heard) as client:
            return await client.call_tool("counts", {"steps": steps}, progress_callback=heard.progress)

    assert asyncio.run(scenario()).structured_content == {"result": "counted"}
    assert heard.said == [("progress", (step, None, None)) for step in steps]


@pytest.mark.parametrize("mode", MODES)
def test_a_client_that_asks_for_no_progress_hears_none(url: str, vendor: LoopbackIssuer, mode: Mode) -> None:
    heard = Heard()

    async def scenario() -> Any:
        async with connected(url, vendor, mode, heard) as client:
            return await client.call_tool("counts", {"steps": [1, 2]})

    assert asyncio.run(scenario()).structured_content == {"result": "counted"}
    assert heard.said == []
