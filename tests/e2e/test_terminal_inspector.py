"""`make inspector` serves a page that is connected, and ends without leaving a process behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.e2e.clients import NODE, ROOT, free_port
from tests.e2e.long_work import make_project
from tests.e2e.stack import Stack, running
from tests.examples.test_page import BROWSER, CHROMIUM, NO_BROWSER

pytestmark = pytest.mark.e2e

ADA = "user_01LOCALADALOVELACE0000000"
CALL = ["click:Tools", "click:whoami", "press:Execute Tool", f"see:{ADA}"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


@contextmanager
def inspector(home: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    own = {"HOME": str(home), "NO_PROXY": "*", "PYTHONPATH": str(ROOT), "MCP_INSPECTOR_SECRET_STORE": "memory"}
    environment = {"PATH": os.environ["PATH"], **own, **variables}
    command = [sys.executable, "-m", "infra.terminal.inspector"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def read_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return next(line.strip() for line in process.stdout if "http://localhost" in line)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def test_the_page_is_connected_to_the_server_and_ends_completely(
    stack: Stack, tmp_path: Path, number: signal.Signals
) -> None:
    token, port = stack.token(), str(free_port())
    with inspector(tmp_path, URL=stack.mcp_url, TOKEN=token, INSPECTOR_PORT=port) as process:
        address = read_address(process)
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        bearer = {"x-mcp-remote-auth": f"Bearer {query['autoConnect']}"}
        origin = address.partition("/?")[0]
        with httpx2.Client(trust_env=False) as browser:
            page = browser.get(address)
            servers = browser.get(f"{origin}/api/servers", headers=bearer)
        process.send_signal(number)
        # The output ends only when the wrapper of Node and Node itself have ended too.
        out, err = process.communicate(timeout=60)

    assert page.status_code == 200
    assert (query["serverUrl"], query["transport"]) == (stack.mcp_url, "http")
    assert stack.mcp_url in json.dumps(servers.json())
    assert process.returncode == 0
    assert token not in address + out + err
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(address, trust_env=False)


def test_a_job_that_ignores_ctrl_c_ends_when_it_is_killed(stack: Stack, tmp_path: Path) -> None:
    # What a script starts with & ignores SIGINT.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with inspector(tmp_path, URL=stack.mcp_url, TOKEN="t", INSPECTOR_PORT=str(free_port())) as process:
            signal.signal(signal.SIGINT, before)
            address = read_address(process)
            process.terminate()
            # The output ends only when the wrapper of Node and Node itself have ended too.
            process.communicate(timeout=60)
    finally:
        signal.signal(signal.SIGINT, before)

    with pytest.raises(httpx2.ConnectError):
        httpx2.get(address, trust_env=False)


@pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)
@pytest.mark.parametrize("has_token", [True, False], ids=["token", "login"])
def test_the_page_connects_by_itself_and_calls_a_tool(stack: Stack, tmp_path: Path, *, has_token: bool) -> None:
    given = {"TOKEN": stack.token()} if has_token else {}
    login = [] if has_token else ["press:Continue", "press:Allow"]
    ports = {name: str(free_port()) for name in ("INSPECTOR_PORT", "MCP_SANDBOX_PORT", "MCP_APP_ORIGIN_PORT")}
    with inspector(tmp_path / "home", URL=stack.mcp_url, **ports, **given) as process:
        (tmp_path / "browser").mkdir()
        browser = [str(NODE), str(BROWSER), str(CHROMIUM), str(tmp_path / "browser")]
        seen = subprocess.run(
            [*browser, read_address(process), *login, "see:Connected", "see:MCP 2026-07-28", *CALL],
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    assert seen.returncode == 0, seen.stderr


@pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)
def test_the_page_asks_the_question_of_a_background_tool_and_shows_its_result(tmp_path: Path) -> None:
    question = ["click:Ask", "press:Execute Tool", "see:Write the report of 12 orders?"]
    answer = ["click:Go On", "press:Submit", "see:Structured Output", 'see:"asked": true']
    (tmp_path / "browser").mkdir()
    project = make_project(tmp_path / "project", is_quick=True)
    ports = {name: str(free_port()) for name in ("INSPECTOR_PORT", "MCP_SANDBOX_PORT", "MCP_APP_ORIGIN_PORT")}
    with (
        running(tmp_path / "state", project=project) as stack,
        inspector(tmp_path / "home", URL=stack.mcp_url, TOKEN=stack.token(), **ports) as process,
    ):
        browser = [str(NODE), str(BROWSER), str(CHROMIUM), str(tmp_path / "browser"), read_address(process)]
        seen = subprocess.run(
            [*browser, "see:Connected", "click:Tools", "click:build_report", *question, *answer],
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)

    assert seen.returncode == 0, seen.stderr


def test_a_port_in_use_is_named_and_nothing_keeps_running(stack: Stack, tmp_path: Path) -> None:
    taken = stack.base_url.rpartition(":")[2]
    with inspector(tmp_path, URL=stack.mcp_url, INSPECTOR_PORT=taken) as process:
        _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "PORT IS IN USE" in err
    assert "INSPECTOR_PORT= takes another port" in err


def test_a_server_that_is_not_there_is_told_first(tmp_path: Path) -> None:
    with inspector(tmp_path, PORT="1024") as process:
        _, err = process.communicate(timeout=60)

    assert (process.returncode, "start it with `make dev`" in err) == (1, True)
