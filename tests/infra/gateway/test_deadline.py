"""The function ends a call before Lambda would end the function, through the gateway stand-in."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from infra.local.gateway import Limits, create_gateway
from infra.local.loopback import LoopbackServer
from tests.infra.gateway.running import PATIENCE, Terminal
from tests.loopback_issuer import LoopbackIssuer, loopback_issuer
from tests.rig import ERAS, message

SECONDS = 2.0
"""The function's own time-out."""


class Front:
    """A client before the gateway, with a token."""

    def __init__(self, client: httpx2.Client, vendor: LoopbackIssuer, terminal: Terminal) -> None:
        self._client = client
        self._vendor = vendor
        self.terminal = terminal

    def call(self, tool: str, version: str) -> httpx2.Response:
        headers, body = message("tools/call", {"name": tool, "arguments": {}}, version)
        bearer = {"authorization": f"Bearer {self._vendor.issuer.token()}"}
        return self._client.post("/mcp", headers={**headers, **bearer}, json=body)


@pytest.fixture(scope="module")
def front() -> Iterator[Front]:
    terminal = Terminal()
    with loopback_issuer() as vendor:
        gateway = create_gateway(
            vendor.settings,
            handler="tests.calling_function",
            limits=Limits(function=SECONDS),
            say=terminal.say,
        )
        with (
            LoopbackServer(gateway) as server,
            httpx2.Client(base_url=server.url, trust_env=False, timeout=PATIENCE) as client,
        ):
            front = Front(client, vendor, terminal)
            assert front.call("asks_the_time", ERAS[0]).status_code == 200  # a cold start takes seconds of its own
            yield front
            gateway.close()


def result(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


@pytest.mark.matrix
@pytest.mark.parametrize("version", ERAS)
def test_a_tool_that_waits_too_long_is_ended_and_its_caller_is_told(front: Front, version: str) -> None:
    answer = front.call("waits", version)

    assert result(answer)["isError"] is True
    assert re.search(r"The tool was ended after (0\.9\d*|1) seconds\.", answer.text)
    assert answer.elapsed.total_seconds() < SECONDS


@pytest.mark.matrix
@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("tool", ["clings", "blocks"])
def test_a_tool_that_cannot_be_ended_does_not_take_the_environment_with_it(
    front: Front, tool: str, version: str
) -> None:
    before = len(front.terminal.lines)

    answer = front.call(tool, version)

    assert result(answer)["isError"] is True
    assert "could not be stopped" in answer.text
    assert answer.elapsed.total_seconds() < SECONDS
    assert result(front.call("asks_the_time", version))["isError"] is False
    assert not [line for line in front.terminal.lines[before:] if "cold start" in line or "failed" in line]


@pytest.mark.parametrize("version", ERAS)
def test_a_tool_is_told_how_long_it_has(front: Front, version: str) -> None:
    left = result(front.call("asks_the_time", version))["structuredContent"]["result"]

    assert 0.5 < left < SECONDS - 1
