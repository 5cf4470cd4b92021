"""MCP Inspector's CLI, a client in JavaScript, logs in by itself and uses what is offered."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.clients import INSPECTOR, NODE, environment, free_port, log_in
from tests.e2e.stack import Stack, running

pytestmark = pytest.mark.e2e
ERAS = ["legacy", "modern"]
TOLD = {
    "tools/list --strict": '"name":"whoami"',
    "prompts/list": '"name":"introduce_me"',
    "prompts/get --prompt-name introduce_me --prompt-args task=Billing": "to get done: Billing",
    "resources/list": '"uri":"server://about"',
    "resources/templates/list": '"uriTemplate":"calendar://{year}/working-days"',
    "resources/read --uri server://about": "# About this server",
    "resources/read --uri calendar://2026/working-days": r"\"total\":261",
}
"""What to ask for, and a part of the answer."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


@pytest.fixture(scope="module")
def other_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Behind a gateway that leaves the challenge its name."""
    with running(tmp_path_factory.mktemp("authkit"), rename_challenge=False) as stack:
        yield stack


@pytest.fixture(scope="module")
def signed_in(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of somebody who has logged in once."""
    home = tmp_path_factory.mktemp("home")
    log_in_and(stack, home, "--method", "tools/list")
    return home


def start(stack: Stack, home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [str(NODE), str(INSPECTOR), "--cli", stack.mcp_url, "--transport", "http", "--format", "json"]
    files = {"MCP_AUTO_OPEN_ENABLED": "true", "MCP_INSPECTOR_SECRET_STORE": "file"}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [*command, *arguments], env={**environment(home), **files}, stdout=pipe, stderr=pipe, text=True
    )


def finished(process: subprocess.Popen[str]) -> Any:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)["result"]


def log_in_and(stack: Stack, home: Path, *arguments: str) -> Any:
    redirect_uri = f"http://127.0.0.1:{free_port()}/oauth/callback"
    with start(stack, home, *arguments, "--callback-url", redirect_uri) as process:
        log_in(address_to_open(process))
        return finished(process)


def address_to_open(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if "Please navigate to: " in line:
            return line.split("Please navigate to: ")[1].strip()
    raise AssertionError("the Inspector asked nobody to log in")


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("name", ["stack", "other_stack"])
def test_the_inspector_logs_in_and_calls_a_tool(
    request: pytest.FixtureRequest, name: str, era: str, tmp_path: Path
) -> None:
    call = ["--method", "tools/call", "--tool-name", "whoami", "--protocol-era", era]

    who = log_in_and(request.getfixturevalue(name), tmp_path, *call)["structuredContent"]

    assert who["user_id"].startswith("user_01")
    assert "offline_access" in who["scopes"]


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("request_line", TOLD)
def test_what_is_offered_can_be_used_with_the_login_that_the_inspector_keeps(
    stack: Stack, signed_in: Path, era: str, request_line: str
) -> None:
    asked = ["--method", *request_line.split(), "--protocol-era", era]

    with start(stack, signed_in, "--stored-auth-only", *asked) as process:
        result = finished(process)

    assert TOLD[request_line] in json.dumps(result, separators=(",", ":"))


@pytest.mark.parametrize("era", ERAS)
def test_the_inspector_lists_tools_with_a_token_that_it_is_given(stack: Stack, era: str, tmp_path: Path) -> None:
    bearer = f"Authorization: Bearer {stack.token()}"

    with start(stack, tmp_path, "--method", "tools/list", "--protocol-era", era, "--header", bearer) as process:
        tools = finished(process)["tools"]

    assert "whoami" in [tool["name"] for tool in tools]


def test_without_a_login_the_inspector_says_that_one_is_needed(stack: Stack, tmp_path: Path) -> None:
    with start(stack, tmp_path, "--method", "tools/list", "--stored-auth-only") as process:
        _, err = process.communicate(timeout=120)

    assert process.returncode == 3
    assert '"code":"auth_required"' in err
