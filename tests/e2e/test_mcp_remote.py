"""mcp-remote, the bridge for clients that start a command: it logs in a person or a machine, and passes on."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.local.seed.load import load_seed
from tests.blocks import blocks
from tests.e2e.clients import NODE, REMOTE, environment, free_port, log_in
from tests.e2e.stack import Stack, running

pytestmark = pytest.mark.e2e
PROTOCOLS = ["legacy", "auto"]
M2M = "--client-credentials"
ADDRESS = re.compile(r"http://\S+/oauth2/authorize\?\S+")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A server that lets machine applications in."""
    settings = {"ALLOW_MACHINE_TOKENS": "true"}
    with running(tmp_path_factory.mktemp("authkit"), settings=settings) as stack:
        yield stack


@dataclass
class Bridge:
    """mcp-remote, seen by the client that has started it."""

    process: subprocess.Popen[str]

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self.send({"jsonrpc": "2.0", "id": method, "method": method, "params": params})
        answer = self.receive()
        assert answer["id"] == method
        result: dict[str, Any] = answer["result"]
        return result

    def shake_hands(self, **capabilities: Any) -> None:
        about = {"capabilities": capabilities, "clientInfo": {"name": "host", "version": "1"}}
        self.ask("initialize", protocolVersion="2025-11-25", **about)
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        message: dict[str, Any] = json.loads(self.process.stdout.readline())
        return message

    def address_to_open(self) -> str:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if found := ADDRESS.search(line):
                return found[0]
        raise AssertionError("mcp-remote asked nobody to log in")


@contextmanager
def bridged(stack: Stack, home: Path, *arguments: str) -> Iterator[Bridge]:
    command = [str(NODE), str(REMOTE), stack.mcp_url, *arguments, "--transport", "http-only"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment(home), stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        yield Bridge(process)
        process.communicate(timeout=120)  # it ends with its input
    assert process.returncode == 0


def beginnings(stack: Stack) -> set[str]:
    """How clients have begun, by the function's log."""
    return {word for word in ("initialize", "server/discover") if any(word in line for line in stack.lines)}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_person_logs_in_once_and_calls_a_tool(stack: Stack, protocol: str, tmp_path: Path) -> None:
    arguments = (str(free_port()), "--host", "127.0.0.1", "--protocol", protocol)

    stack.lines.clear()
    with bridged(stack, tmp_path, *arguments) as bridge:
        log_in(bridge.address_to_open())
        bridge.shake_hands()
        tools = bridge.ask("tools/list")["tools"]
        who = bridge.ask("tools/call", name="whoami", arguments={})["structuredContent"]
    with bridged(stack, tmp_path, *arguments) as bridge:
        bridge.shake_hands()
        again = bridge.ask("tools/call", name="whoami", arguments={})["structuredContent"]

    assert "whoami" in [tool["name"] for tool in tools]
    assert who["user_id"].startswith("user_01")
    assert again["client_id"] == who["client_id"]
    assert beginnings(stack) == {"initialize" if protocol == "legacy" else "server/discover"}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_machine_application_needs_no_person_but_the_command_of_the_page(
    machines: Stack, protocol: str, tmp_path: Path
) -> None:
    machine = load_seed().machines[0]
    credentials = tmp_path / "client.json"
    credentials.write_text(json.dumps({"client_id": machine.client_id, "client_secret": machine.client_secret}))
    (command,) = (line for block in blocks("sh", "docs/clients.md") for line in block.splitlines() if M2M in line)
    words = shlex.split(command.replace("/path/client.json", str(credentials)))
    assert words[:4] == ["npx", "-y", "mcp-remote", "https://mcp.example.com/mcp"]

    with bridged(machines, tmp_path, *words[4:], "--protocol", protocol) as bridge:
        bridge.shake_hands()
        who = bridge.ask("tools/call", name="whoami", arguments={})["structuredContent"]

    assert (who["is_machine"], who["user_id"]) == (True, machine.client_id)
    assert who["organization_id"] == machine.organization
