import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
import jwt
import pytest

from infra.local.loopback import LoopbackServer
from infra.local.ports import Ports
from tests.workos.scripted_workos import USER, Api

DEV = """
import pathlib, sys
from infra.local.dev import main
folder = pathlib.Path(sys.argv[1])
sys.exit(main(folder, folder / ".env"))
"""
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
        """Exit code, what was still printed, and seconds until the stack was gone."""
        began = time.monotonic()
        # To the whole group, as a terminal does it.
        os.killpg(self.process.pid, number)
        rest, _ = self.process.communicate(timeout=120)
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
    for attempt in range(3):
        port, authkit_port = free_ports()
        with launch(state, port, authkit_port, shell) as process:
            try:
                page = start_page(process)
                if "is in use" in page and attempt < 2:  # somebody took a port since it was found free
                    continue
                assert LAST_LINE in page, page
                yield Stack(process, port, authkit_port, page)
                return
            finally:
                process.kill()


def start_page(process: subprocess.Popen[str]) -> str:
    """What is printed up to the page's last line, or up to the end where it never comes."""
    assert process.stdout is not None
    page = ""
    while LAST_LINE not in page and (line := process.stdout.readline()):
        page += line
    return page


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("state")) as running:
        yield running


def post(stack: Stack, token: str | None = None, message: object = LIST_TOOLS) -> httpx2.Response:
    headers = {"accept": "application/json, text/event-stream"}
    headers |= {"authorization": f"Bearer {token}"} if token else {}
    with httpx2.Client(trust_env=False, timeout=120) as client:
        return client.post(stack.mcp_url, json=message, headers=headers)


def line_with(running: Stack, text: str) -> str:
    """The next line of the terminal that has the text."""
    assert running.process.stdout is not None
    return next(line for line in running.process.stdout if text in line)


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


@pytest.mark.broad
def test_remap_challenge_0_leaves_the_challenge_its_name(tmp_path: Path) -> None:
    with running_stack(tmp_path, REMAP_CHALLENGE="0") as running:
        assert post(running).headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.broad
def test_jwt_template_adds_its_claims_to_tokens(tmp_path: Path) -> None:
    with running_stack(tmp_path, JWT_TEMPLATE="role") as running:
        claims = jwt.decode(fetch_token(running), options={"verify_signature": False})

    assert claims["role"] == "admin"


@pytest.mark.broad
def test_another_workos_api_is_asked_with_its_own_key_and_named_on_the_start_page(tmp_path: Path) -> None:
    api = Api([(200, {}, USER)])
    with LoopbackServer(api) as server:
        shell = {"WORKOS_BASE_URL": server.url, "WORKOS_API_KEY": "sk_test_of_mine"}
        with running_stack(tmp_path, **shell) as running:
            call = {"name": "my_profile", "arguments": {}}
            answer = post(running, fetch_token(running), {**LIST_TOOLS, "method": "tools/call", "params": call})
            assert f"{server.url}, with your WORKOS_API_KEY" in running.page
            assert "sk_test_of_mine" not in running.page
            assert f"http://127.0.0.1:{running.authkit_port}\n" in running.page

    assert "alice@example.com" in answer.text
    assert {key for _, key in api.asked} == {"Bearer sk_test_of_mine"}


@pytest.mark.broad
def test_half_of_another_workos_api_is_not_used_and_said(tmp_path: Path) -> None:
    with running_stack(tmp_path, WORKOS_BASE_URL="https://api.workos.com", WORKOS_API_KEY="") as running:
        assert "WORKOS_BASE_URL is not used: set WORKOS_API_KEY" in running.page
        assert f"WorkOS API         http://127.0.0.1:{running.authkit_port}, the local one" in running.page


@pytest.mark.broad
def test_a_workos_api_without_tls_is_one_line(tmp_path: Path) -> None:
    shell = {"WORKOS_BASE_URL": "http://api.example.com", "WORKOS_API_KEY": "sk_test_of_mine"}
    with launch(tmp_path, *free_ports(), shell) as process:
        printed, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert printed.startswith("WORKOS_BASE_URL must be an https origin")
    assert printed.count("\n") == 1
    assert "sk_test_of_mine" not in printed


@pytest.mark.broad
def test_a_jwt_template_that_workos_would_refuse_is_one_line(tmp_path: Path) -> None:
    process = launch(tmp_path, *free_ports(), {"JWT_TEMPLATE": "role permissions"})
    output, _ = process.communicate(timeout=120)

    assert process.returncode == 1
    assert output.startswith("JWT_TEMPLATE: no JWT template has permissions")
    assert output.count("\n") == 1


@pytest.mark.broad
def test_two_stacks_of_one_checkout_have_a_state_of_their_own(tmp_path: Path) -> None:
    with running_stack(tmp_path) as one, running_stack(tmp_path) as other:
        token = fetch_token(one)
        assert post(one, token).status_code == 200
        assert post(other, token).status_code == 401

    assert {folder.name for folder in tmp_path.iterdir()} == {str(one.authkit_port), str(other.authkit_port)}


@pytest.mark.broad
def test_a_tool_sees_the_env_file_and_a_clash_is_said(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("REQUIRED_SCOPES=a:b\nBASE_URL=https://live.example\n")
    with running_stack(tmp_path) as running:
        refused = post(running, fetch_token(running))

    assert ".env: BASE_URL not used: the local stack has its own\n" in running.page
    assert (refused.status_code, "a:b" in refused.json()["scope"]) == (403, True)


@pytest.mark.broad
def test_a_changed_env_file_is_loaded_and_a_wrong_one_is_said(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("REQUIRED_SCOPES=a:b\n")
    with running_stack(tmp_path) as running:
        (tmp_path / ".env").write_text("REQUIRED_SCOPES\n")
        said = line_with(running, ".env, line 1: write NAME=value")
        before = post(running, fetch_token(running)).status_code
        (tmp_path / ".env").write_text("REQUIRED_SCOPES=\n")
        line_with(running, "reloaded, cold start")
        after = post(running, fetch_token(running)).status_code

    assert said.endswith("until then the function goes on with what it had before\n")
    assert (before, after) == (403, 200)


@pytest.mark.broad
def test_a_wrong_line_in_the_env_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("export A=1\n")
    process = launch(tmp_path, *free_ports(), {})
    output, _ = process.communicate(timeout=120)

    assert process.returncode == 1
    assert output.startswith(f"{tmp_path}/.env, line 1: write NAME=value")
    assert output.count("\n") == 1


@pytest.mark.broad
def test_when_nobody_reads_any_more_the_stack_ends_quietly(tmp_path: Path) -> None:
    with running_stack(tmp_path) as running:
        assert running.process.stdout is not None
        running.process.stdout.close()
        with suppress(httpx2.HTTPError):
            post(running)

        assert running.process.wait(timeout=120) == 0


@pytest.mark.broad
def test_an_exchange_is_one_short_line_and_log_json_shows_it_whole(tmp_path: Path) -> None:
    with running_stack(tmp_path / "short") as short:
        post(short, fetch_token(short))
        _, shortened, _ = short.end(signal.SIGTERM)
    with running_stack(tmp_path / "whole", LOG="json") as whole:
        post(whole, fetch_token(whole))
        _, raw, _ = whole.end(signal.SIGTERM)

    assert re.search(r"^  tools/list ok [\d.]+ ms user_01LOCALADALOVEL…\n.*POST /mcp 200", shortened, re.MULTILINE)
    assert '"message":"exchange"' in raw


@pytest.mark.broad
def test_no_record_of_the_function_is_printed_as_json(tmp_path: Path) -> None:
    with running_stack(tmp_path) as running:
        post(running, fetch_token(running))
        _, rest, _ = running.end(signal.SIGTERM)

    assert "  signing keys fetched keys=1" in rest.splitlines()
    assert [line for line in (running.page + rest).splitlines() if line.startswith("{")] == []


@pytest.mark.broad
def test_cimd_1_takes_clients_by_their_document_and_says_why_one_could_not_be_read(tmp_path: Path) -> None:
    with running_stack(tmp_path, CIMD="1") as running, httpx2.Client(trust_env=False, timeout=120) as client:
        authkit = f"http://127.0.0.1:{running.authkit_port}"
        metadata = client.get(f"{authkit}/.well-known/oauth-authorization-server").json()
        mirror = client.get(f"http://127.0.0.1:{running.port}/.well-known/oauth-authorization-server").json()
        # Nobody answers for a name under .invalid (RFC 2606), with internet or without.
        unknown = client.get(f"{authkit}/oauth2/authorize", params={"client_id": "https://client.invalid/c.json"})
        _, rest, _ = running.end(signal.SIGTERM)

    assert (metadata["client_id_metadata_document_supported"], mirror) == (True, metadata)
    assert "CIMD" in running.page
    assert unknown.headers["location"] == "/oauth2/error?error=application_not_found"
    assert "client metadata document 'https://client.invalid/c.json' refused: " in rest


def test_without_cimd_nothing_is_advertised(stack: Stack) -> None:
    with httpx2.Client(trust_env=False) as client:
        metadata = client.get(
            f"http://127.0.0.1:{stack.authkit_port}/.well-known/oauth-authorization-server"
        ).json()

    assert "client_id_metadata_document_supported" not in metadata


@pytest.mark.broad
def test_a_switch_that_is_neither_on_nor_off_is_one_line(tmp_path: Path) -> None:
    process = launch(tmp_path, *free_ports(), {"CIMD": "maybe"})
    output, _ = process.communicate(timeout=120)

    assert (process.returncode, output) == (1, "CIMD is 'maybe'; set CIMD=1, or leave it out\n")


@pytest.mark.matrix
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


@pytest.mark.broad
def test_a_setting_that_the_function_refuses_is_said_once_and_the_page_says_so(tmp_path: Path) -> None:
    with running_stack(tmp_path, TOKEN_AUDIENCE="nonsense") as running:
        _, rest, _ = running.end(signal.SIGINT)

    assert running.page.startswith("app.handler does not start:\n    TOKEN_AUDIENCE ")
    assert "Traceback" not in running.page + rest


@pytest.mark.matrix
@pytest.mark.parametrize("variable", ["PORT", "AUTHKIT_PORT"])
def test_a_taken_port_is_one_line_with_the_fix(tmp_path: Path, variable: str) -> None:
    ports = dict(zip(("PORT", "AUTHKIT_PORT"), free_ports(), strict=True))
    taken = ports[variable]
    with socket.create_server(("127.0.0.1", taken)):
        process = launch(tmp_path, ports["PORT"], ports["AUTHKIT_PORT"], {})
        output, _ = process.communicate(timeout=120)

    fix = Ports(ports["PORT"], ports["AUTHKIT_PORT"]).fix(variable)
    assert (process.returncode, output) == (1, f"port {taken} on 127.0.0.1 is in use; {fix}\n")


@pytest.mark.broad
def test_a_port_that_is_none_is_one_line(tmp_path: Path) -> None:
    process = launch(tmp_path, "eight", 8001, {})
    output, _ = process.communicate(timeout=120)

    assert process.returncode == 1
    assert output == "PORT is 'eight', not a port from 1024 to 65535; try: make dev PORT=8010\n"
