"""The page of show_reports, in a real host and browser: MCP Inspector's web client in Chromium."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.clients import INSPECTOR, NODE, environment, free_port
from tests.e2e.stack import Stack, running

# The browser's steps have a minute each; they take a second together where the machine is idle.
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
BROWSER = Path(__file__).with_name("browser.mjs")
CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
NO_BROWSER = "no Chromium here: apt-get install chromium"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


@pytest.fixture(params=["modern", "legacy"])
def inspector(request: pytest.FixtureRequest, stack: Stack, tmp_path: Path) -> Iterator[str]:
    """The address of its web client, for Ada."""
    bearer = f"Authorization: Bearer {stack.token(user='ada@example.com')}"
    ports = ("CLIENT_PORT", "MCP_SANDBOX_PORT", "MCP_APP_ORIGIN_PORT")
    quiet = {"MCP_AUTO_OPEN_ENABLED": "false", "MCP_INSPECTOR_SECRET_STORE": "memory"}
    arguments = ["--server-url", stack.mcp_url, "--protocol-era", request.param, "--header", bearer]
    with subprocess.Popen(
        [str(NODE), str(INSPECTOR), "--web", "--transport", "http", *arguments],
        env={**environment(tmp_path), **quiet, **{port: str(free_port()) for port in ports}},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        yield next(line.strip() for line in process.stdout if "MCP_INSPECTOR_API_TOKEN" in line)
        os.killpg(process.pid, signal.SIGTERM)


@pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)
def test_a_host_shows_the_page_and_the_page_calls_a_tool(inspector: str, tmp_path: Path) -> None:
    steps = ["switch", "click:Apps", "click:Show reports", "see:2 reports", "press:First quarter", "see:Bernoulli"]

    seen = subprocess.run(
        [str(NODE), str(BROWSER), str(CHROMIUM), str(tmp_path), inspector, *steps],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert seen.returncode == 0, seen.stderr
    assert [line for line in seen.stdout.splitlines() if line.strip()] == [
        "2 reports",
        "First quarter",
        "6 words",
        "The engine computed 1,024 Bernoulli numbers.",
        "Second quarter",
        "8 words",
    ]
