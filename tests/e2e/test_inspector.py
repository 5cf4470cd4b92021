"""MCP Inspector's CLI, a client in JavaScript, logs in by itself and calls a tool."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from infra.local.loopback import LoopbackServer
from tests.e2e.stack import Late, Stack, running
from tests.person import Person

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parents[2]
NODE = ROOT / ".venv/bin/node"
INSPECTOR = ROOT / "tests/e2e/node/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
ERAS = ["legacy", "modern"]


@pytest.fixture(scope="module", params=[True, False], ids=["challenge renamed", "challenge kept"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit"), rename_challenge=request.param) as stack:
        yield stack


def start(stack: Stack, home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [str(NODE), str(INSPECTOR), "--cli", stack.mcp_url, "--transport", "http", "--format", "json"]
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "MCP_AUTO_OPEN_ENABLED": "true",
        "MCP_INSPECTOR_SECRET_STORE": "memory",
        "BROWSER": "true",
        "NO_PROXY": "127.0.0.1",
    }
    return subprocess.Popen(
        [*command, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def free_port() -> int:
    server = LoopbackServer(Late())
    server.stop()
    return server.port


def address_to_open(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if "Please navigate to: " in line:
            return line.split("Please navigate to: ")[1].strip()
    raise AssertionError("the Inspector asked nobody to log in")


async def log_in(address: str, redirect_uri: str) -> None:
    person = Person(redirect_uri)
    await person.open(address)
    async with httpx2.AsyncClient(trust_env=False) as browser:
        assert (await browser.get(person.called_back)).status_code == 200


def finished(process: subprocess.Popen[str]) -> Any:
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    return json.loads(out)["result"]


@pytest.mark.parametrize("era", ERAS)
def test_the_inspector_logs_in_and_calls_a_tool(stack: Stack, era: str, tmp_path: Path) -> None:
    redirect_uri = f"http://127.0.0.1:{free_port()}/oauth/callback"
    call = ["--method", "tools/call", "--tool-name", "whoami", "--protocol-era", era]

    with start(stack, tmp_path, *call, "--callback-url", redirect_uri) as process:
        asyncio.run(log_in(address_to_open(process), redirect_uri))
        who = finished(process)["structuredContent"]

    assert who["user_id"].startswith("user_01")
    assert "offline_access" in who["scopes"]


@pytest.mark.parametrize("era", ERAS)
def test_the_inspector_lists_tools_with_a_token_that_it_is_given(stack: Stack, era: str, tmp_path: Path) -> None:
    answer = httpx2.post(f"{stack.authkit_url}/_local/token", headers={"X-Local-Stand-In": "1"}, json={})
    bearer = f"Authorization: Bearer {answer.json()['access_token']}"

    with start(
        stack, tmp_path, "--method", "tools/list", "--strict", "--protocol-era", era, "--header", bearer
    ) as process:
        tools = finished(process)["tools"]

    assert "whoami" in [tool["name"] for tool in tools]


def test_without_a_login_the_inspector_says_that_one_is_needed(stack: Stack, tmp_path: Path) -> None:
    with start(stack, tmp_path, "--method", "tools/list", "--stored-auth-only") as process:
        _, err = process.communicate(timeout=30)

    assert process.returncode == 3
    assert '"code":"auth_required"' in err
