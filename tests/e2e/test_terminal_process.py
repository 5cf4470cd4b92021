"""The terminal's commands as a user starts them: at a terminal, with Ctrl-C, through make."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
from infra.terminal import call
from infra.terminal.command import TerminalError
from tests.e2e.clients import ROOT, follow
from tests.e2e.stack import Stack, running
from tests.infra.terminal.screens import make_screen
from tests.loopback_issuer import loopback_issuer

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


class Terminal:
    """A process at a pseudo-terminal without a browser: what it shows, and what is typed."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._main, side = pty.openpty()
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=side, stdout=side, stderr=side, start_new_session=True
        )
        os.close(side)
        self.shown = ""

    def read_until(self, text: str) -> None:
        while text not in self.shown:
            self.shown += os.read(self._main, 4096).decode()

    def read_rest(self) -> None:
        try:
            while data := os.read(self._main, 4096):
                self.shown += data.decode()
        except OSError:  # Linux: the other side of the terminal is closed
            pass
        self.process.wait(timeout=60)

    def type(self, line: str) -> None:
        os.write(self._main, f"{line}\n".encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._main)


@contextmanager
def terminal(stack: Stack, folder: Path, *command: str, **variables: str) -> Iterator[Terminal]:
    known = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    own = {"URL": stack.mcp_url, "LOGIN_FOLDER": str(folder), "PYTHONPATH": str(ROOT), "NO_PROXY": "*"}
    opened = Terminal(list(command), {**known, **own, **variables})
    try:
        yield opened
    finally:
        opened.close()


def command_of(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"infra.terminal.{name}")


def address_in(shown: str) -> str:
    return next(word for word in shown.split() if "/oauth2/authorize?" in word)


def test_without_a_browser_the_address_is_shown_and_the_last_one_can_be_pasted(
    stack: Stack, tmp_path: Path
) -> None:
    with terminal(stack, tmp_path, *command_of("call"), TOOL="whoami") as opened:
        opened.read_until("paste here")
        opened.type(follow(address_in(opened.shown)))
        opened.read_rest()

    assert opened.process.returncode == 0
    assert "Open it in a browser" in opened.shown
    assert '"user_id": "user_01LOCALADALOVELACE0000000"' in opened.shown


def test_a_login_that_the_user_refuses_is_told_without_a_traceback(stack: Stack, tmp_path: Path) -> None:
    with terminal(stack, tmp_path, *command_of("list")) as opened:
        opened.read_until("paste here")
        opened.type("http://127.0.0.1/callback?error=access_denied&state=x")
        opened.read_rest()

    assert opened.process.returncode == 1
    assert "The login was not finished: access_denied" in opened.shown
    assert "Traceback" not in opened.shown


def test_ctrl_c_ends_a_waiting_login_at_once(stack: Stack, tmp_path: Path) -> None:
    with terminal(stack, tmp_path, *command_of("list")) as opened:
        opened.read_until("paste here")
        os.killpg(opened.process.pid, signal.SIGINT)
        opened.read_rest()

    assert opened.process.returncode == 130
    assert opened.shown.rstrip().endswith("Stopped.")
    assert "Traceback" not in opened.shown


def test_ctrl_c_ends_a_question(stack: Stack, tmp_path: Path) -> None:
    token = stack.token()
    note = {"URL": stack.mcp_url, "TOKEN": token, "TOOL": "keep_note", "ARGS": '{"note":"milk"}'}
    assert call.main(note, make_screen().screen) == 0

    with terminal(stack, tmp_path, *command_of("call"), TOOL="delete_note", TOKEN=token) as opened:
        opened.read_until("): ")
        os.killpg(opened.process.pid, signal.SIGINT)
        opened.read_rest()

    assert opened.process.returncode == 130
    assert "Traceback" not in opened.shown


def test_make_passes_json_on_as_it_was_typed(stack: Stack, tmp_path: Path) -> None:
    arguments = """ARGS={"name":"$5, $(HOME) and it's \\"quoted\\""}"""
    with terminal(stack, tmp_path, "make", "call", "TOOL=greet", arguments, TOKEN=stack.token()) as opened:
        opened.read_rest()

    assert opened.process.returncode == 0
    assert r"""Hello $5, $(HOME) and it's \"quoted\"""" in opened.shown


@pytest.mark.parametrize("option", ["--dry-run", "DRY_RUN=1"])
def test_both_forms_of_a_dry_run_show_the_change_and_write_nothing(tmp_path: Path, option: str) -> None:
    done = subprocess.run(
        ["make", "connect", "CLIENT=cursor", f"FOLDER={tmp_path}", "NAME=acme", option],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert '+    "acme": {' in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_missing_scope_is_named(tmp_path: Path) -> None:
    with running(tmp_path / "authkit", settings={"REQUIRED_SCOPES": "openid email"}) as stack:
        variables = {"URL": stack.mcp_url, "TOKEN": stack.token(scope="openid"), "TOOL": "whoami"}
        with pytest.raises(TerminalError) as refusal:
            call.main(variables, make_screen().screen)

    assert "The server answers 403: " in str(refusal.value)
    assert "Missing scope: openid email" in str(refusal.value)


@pytest.fixture(scope="module")
def other_tools() -> Iterator[dict[str, str]]:
    """A server with tools that report progress and log, and a token for it."""
    with loopback_issuer() as vendor:
        gateway = create_gateway(vendor.settings, handler="tests.calling_function", say=lambda line: None)
        with LoopbackServer(gateway) as server:
            yield {"URL": f"{server.url}/mcp", "TOKEN": vendor.issuer.token()}
            gateway.close()


def test_progress_and_log_messages_are_shown_beside_the_result(other_tools: dict[str, str]) -> None:
    seen = make_screen()

    assert call.main({**other_tools, "TOOL": "mixes"}, seen.screen) == 0
    assert seen.err == "1 of 2  half\ninfo: between\n2 of 2\nerror: at the end\n"
    assert seen.out == "mixed\n"
