"""`python -m conformance.auth` against a server on loopback that trusts the issuer which it starts."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from conformance.auth.subjects.peers import free_port
from conformance.auth.toy.application import Toy
from conformance.auth.toy.place import PAGE, RESOURCE, SCOPE, TOOL_SCOPE
from infra.local.loopback import LoopbackServer
from tests.blocks import ROOT

ROWS = ("good-token", "claims-audience-absent", "step-up", "metadata-root", "callers")


async def fetch(url: str) -> Any:
    async with httpx2.AsyncClient(trust_env=False) as http:
        return (await http.get(url)).json()


@contextmanager
def running(issuer_port: int, broken: str = "") -> Iterator[str]:
    with LoopbackServer(Toy(f"http://127.0.0.1:{issuer_port}", fetch, broken)) as server:
        yield f"{server.url}/mcp"


def run(url: str, issuer_port: int, *more: str) -> subprocess.CompletedProcess[str]:
    given = ["--url", url, "--resource", RESOURCE, "--scopes", SCOPE, "--origin", PAGE, "--whoami", "whoami"]
    tool = ["--scoped-tool", f"write={TOOL_SCOPE}", "--issuer-port", str(issuer_port)]
    command = [sys.executable, "-m", "conformance.auth", *given, *tool, "--only", *ROWS, *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_server_that_conforms_gets_status_0_and_its_score() -> None:
    port = free_port()
    with running(port) as url:
        done = run(url, port)

    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{url}: MUST 5 of 5, SHOULD 2 of 2, MAY 1 of 1\n"
    assert f"keys at http://127.0.0.1:{port}/oauth2/jwks" in done.stderr


@pytest.mark.parametrize(("broken", "status"), [("claims-audience-absent", 1), ("metadata-root", 0)])
def test_a_must_that_is_broken_is_status_1_and_a_may_is_not(broken: str, status: int) -> None:
    port = free_port()
    with running(port, broken) as url:
        done = run(url, port, "--report", "json")

    results = json.loads(done.stdout)["results"]
    assert done.returncode == status
    assert [row["id"] for row in results if row["result"] == "fail"] == [broken]


def test_a_taken_port_is_named() -> None:
    with LoopbackServer(Toy("", fetch)) as server:
        done = run(f"{server.url}/mcp", server.port)

    assert done.returncode == 2
    assert f"port {server.port}" in done.stderr
    assert "--issuer-port" in done.stderr


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--url", "127.0.0.1:8000/mcp"], "give the whole URL"),
        (["--scoped-tool", "write"], "give the tool's name and its scope"),
    ],
)
def test_a_wrong_option_says_what_to_write(wrong: list[str], told: str) -> None:
    done = run("http://127.0.0.1:1/mcp", 0, *wrong)

    assert done.returncode == 2
    assert told in done.stderr
