import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

DEV = "import pathlib, sys; from infra.local.dev import main; sys.exit(main(pathlib.Path(sys.argv[1])))"
LAST_LINE = "Ctrl-C"
LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


@dataclass(frozen=True, slots=True)
class Stack:
    process: subprocess.Popen[str]
    port: int
    authkit_port: int
    page: str

    @property
    def mcp_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def end(self, number: signal.Signals) -> tuple[int, str, float]:
        """Exit code, what was still printed, and seconds until both the stack and the function were gone."""
        began = time.monotonic()
        # To the whole group, as a terminal does it.
        os.killpg(self.process.pid, number)
        # The function has inherited stdout: the pipe ends when both processes have.
        rest, _ = self.process.communicate(timeout=20)
        return self.process.returncode, rest, time.monotonic() - began


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def launch(state: Path, port: object, authkit_port: object, shell: Mapping[str, str]) -> subprocess.Popen[str]:
    variables = {**os.environ, **shell, "PORT": str(port), "AUTHKIT_PORT": str(authkit_port)}
    return subprocess.Popen(
        [sys.executable, "-c", DEV, str(state)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=variables,
        start_new_session=True,
    )


@contextmanager
def running_stack(state: Path, **shell: str) -> Iterator[Stack]:
    port, authkit_port = free_ports()
    with launch(state, port, authkit_port, shell) as process:
        try:
            assert process.stdout is not None
            page = ""
            while LAST_LINE not in page:
                line = process.stdout.readline()
                assert line, page
                page += line
            yield Stack(process, port, authkit_port, page)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("state")) as running:
        yield running


def post(stack: Stack, token: str | None = None) -> httpx2.Response:
    headers = {"accept": "application/json, text/event-stream"}
    headers |= {"authorization": f"Bearer {token}"} if token else {}
    with httpx2.Client(trust_env=False, timeout=20) as client:
        return client.post(stack.mcp_url, json=LIST_TOOLS, headers=headers)


def fetch_token(stack: Stack) -> str:
    return subprocess.run(
        [sys.executable, "-m", "infra.local.token"],
        env={**os.environ, "AUTHKIT_PORT": str(stack.authkit_port)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_the_start_page_comes_when_both_servers_answer(stack: Stack) -> None:
    assert f"http://127.0.0.1:{stack.authkit_port}\n" in stack.page
    assert f"claude mcp add --transport http workos-mcp-local {stack.mcp_url}\n" in stack.page
    assert stack.page.index("GET /healthz 200") < stack.page.index("Connect a client")
    assert "\x1b[" not in stack.page


def test_a_token_of_the_stack_lists_the_tools(stack: Stack) -> None:
    tools = post(stack, fetch_token(stack)).json()["result"]["tools"]

    assert "whoami" in [tool["name"] for tool in tools]


def test_without_a_token_the_challenge_names_the_running_server(stack: Stack) -> None:
    refused = post(stack)

    assert refused.status_code == 401
    challenge = refused.headers["x-amzn-remapped-www-authenticate"]
    assert f"http://127.0.0.1:{stack.port}/.well-known/oauth-protected-resource/mcp" in challenge


def test_remap_challenge_0_leaves_the_challenge_its_name(tmp_path: Path) -> None:
    with running_stack(tmp_path, REMAP_CHALLENGE="0") as running:
        assert post(running).headers["www-authenticate"].startswith("Bearer ")


def test_a_new_port_works_with_the_state_of_an_earlier_run(tmp_path: Path) -> None:
    for _ in range(2):
        with running_stack(tmp_path) as running:
            assert post(running, fetch_token(running)).status_code == 200
            running.end(signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_end_everything_at_once_and_are_no_error(
    tmp_path: Path, number: signal.Signals
) -> None:
    with running_stack(tmp_path) as running, ExitStack() as connections:
        for port, path in ((running.port, b"/mcp"), (running.authkit_port, b"/oauth2/token")):
            # A client that never finishes its request does not hold up the end.
            stuck = connections.enter_context(socket.create_connection(("127.0.0.1", port)))
            stuck.sendall(b"POST " + path + b" HTTP/1.1\r\nhost: stuck\r\ncontent-length: 9\r\n\r\n")
        code, rest, seconds = running.end(number)

    assert code == 0
    assert "Traceback" not in rest
    assert seconds < 5


def test_a_setting_that_the_function_refuses_is_said_once_and_the_page_says_so(tmp_path: Path) -> None:
    with running_stack(tmp_path, TOKEN_AUDIENCE="nonsense") as running:
        _, rest, _ = running.end(signal.SIGINT)

    assert running.page.startswith("app.handler does not start:\n    TOKEN_AUDIENCE ")
    assert "Traceback" not in running.page + rest


@pytest.mark.parametrize("variable", ["PORT", "AUTHKIT_PORT"])
def test_a_taken_port_is_one_line_with_the_fix(tmp_path: Path, variable: str) -> None:
    ports = dict(zip(("PORT", "AUTHKIT_PORT"), free_ports(), strict=True))
    taken = ports[variable]
    with socket.create_server(("127.0.0.1", taken)):
        process = launch(tmp_path, ports["PORT"], ports["AUTHKIT_PORT"], {})
        output, _ = process.communicate(timeout=20)

    fix = f"make dev {variable}={taken + 10 if taken <= 65525 else {'PORT': 8000, 'AUTHKIT_PORT': 8001}[variable]}"
    assert (process.returncode, output) == (1, f"port {taken} on 127.0.0.1 is in use; try: {fix}\n")


def test_a_port_that_is_none_is_one_line(tmp_path: Path) -> None:
    process = launch(tmp_path, "eight", 8001, {})
    output, _ = process.communicate(timeout=20)

    assert process.returncode == 1
    assert output == "PORT is 'eight', not a port from 1 to 65535; try: make dev PORT=8010\n"
