"""The scripts and the commands of the documents' client sections, run as they stand there."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.seed.load import load_seed
from tests.blocks import ROOT, blocks, script
from tests.e2e.clients import INSPECTOR, NODE, environment, free_port, log_in, versions
from tests.e2e.stack import Stack, running

pytestmark = pytest.mark.e2e
PAGE = "docs/clients.md"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {"ALLOW_MACHINE_TOKENS": "true"}
    with running(tmp_path_factory.mktemp("authkit"), settings=settings) as stack:
        yield stack


def run(folder: Path, code: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A script that somebody has copied from the page."""
    (folder / "script.py").write_text(code)
    return subprocess.run(
        [sys.executable, "script.py", *arguments],
        cwd=folder,
        env={**environment(folder), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def output(folder: Path, code: str, *arguments: str, **variables: str) -> str:
    """What it prints."""
    done = run(folder, code, *arguments, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_script_of_the_readme_calls_with_a_token(stack: Stack, tmp_path: Path) -> None:
    said = output(tmp_path, script("client.py", "docs/clients.md"), stack.mcp_url, TOKEN=stack.token())

    assert "'user_id': 'user_01LOCALADALOVELACE0000000'" in said


def test_the_script_of_the_readme_says_in_one_line_that_a_token_is_bad(stack: Stack, tmp_path: Path) -> None:
    done = run(tmp_path, script("client.py", "docs/clients.md"), stack.mcp_url, TOKEN="bad")

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith('The server refuses the token: {"error":"invalid_token"')


def test_the_script_that_logs_its_user_in(stack: Stack, tmp_path: Path) -> None:
    # Without an & behind it Python waits until the browser ends, and this one ends when the script answers it.
    browser = f"env PYTHONPATH={ROOT} {sys.executable} -m tests.e2e.clients %s"

    done = run(tmp_path, script("log_in.py", PAGE), stack.mcp_url, BROWSER=browser)

    assert "'user_id': 'user_01LOCALADALOVELACE0000000'" in done.stdout
    # For a machine without a browser.
    assert f"Log in at {stack.authkit_url}/oauth2/authorize?" in done.stderr


def test_the_script_does_not_wait_for_ever_for_a_login(stack: Stack, tmp_path: Path) -> None:
    code = script("log_in.py", PAGE)
    assert "MAX_LOGIN_SECONDS = 300\n" in code
    code = code.replace("MAX_LOGIN_SECONDS = 300\n", "MAX_LOGIN_SECONDS = 1\n")

    done = run(tmp_path, code, stack.mcp_url, BROWSER="true")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Nobody logged in within 1 seconds."


def test_the_script_of_a_machine_application(stack: Stack, tmp_path: Path) -> None:
    machine = load_seed().machines[0]
    credentials = {"MACHINE_CLIENT_ID": machine.client_id, "MACHINE_CLIENT_SECRET": machine.client_secret}

    said = output(tmp_path, script("machine.py", PAGE), stack.mcp_url, stack.authkit_url, **credentials)

    assert f"'user_id': '{machine.client_id}'" in said
    assert "'is_machine': True" in said


def test_the_inspectors_commands_log_in_once(stack: Stack, tmp_path: Path) -> None:
    first, second = (line for block in blocks("sh", PAGE) for line in block.splitlines() if " --cli " in line)
    callback = f"http://127.0.0.1:{free_port()}/oauth/callback"
    variables = {"MCP_OAUTH_CALLBACK_URL": callback, "MCP_INSPECTOR_SECRET_STORE": "file"}
    variables |= {"MCP_AUTO_OPEN_ENABLED": "true", **environment(tmp_path)}

    def start(command: str) -> subprocess.Popen[str]:
        words = shlex.split(command.replace("http://127.0.0.1:8000/mcp", stack.mcp_url))
        assert words[:2] == [
            "npx",
            f"@modelcontextprotocol/inspector@{versions()['@modelcontextprotocol/inspector']}",
        ]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [str(NODE), str(INSPECTOR), *words[2:]], env=variables, stdout=pipe, stderr=pipe, text=True
        )

    with start(first) as process:
        assert process.stderr is not None
        asked = next(line for line in process.stderr if "/oauth2/authorize?" in line)
        log_in(asked.split()[-1])
        called, _ = process.communicate(timeout=120)
    with start(second) as process:
        listed, _ = process.communicate(timeout=120)

    assert "user_01LOCALADALOVELACE0000000" in called
    assert "add_working_days" in listed
