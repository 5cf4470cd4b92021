"""The terminal's commands against the local stack: a login in the browser, kept, refreshed and forgotten."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.terminal import call, logout, prompt, read
from infra.terminal import list as listing
from infra.terminal.command import TerminalError
from tests.e2e.clients import log_in
from tests.e2e.stack import Stack, running
from tests.infra.terminal.screens import Seen, User, make_screen

pytestmark = pytest.mark.e2e
LONG_AGO = 400.0
"""Seconds: a token that was issued then has expired, the server's leeway included."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


class Terminal:
    """A user at a terminal with a browser, whose logins are in a folder of their own."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.addresses: list[str] = []
        self._common = {"URL": stack.mcp_url, "LOGIN_FOLDER": str(folder)}

    def run(self, main: Callable[..., int], user: User | None = None, **variables: str) -> tuple[int, Seen]:
        seen = make_screen(user, self._open)
        return main({**self._common, **variables}, seen.screen), seen

    def _open(self, address: str) -> None:
        self.addresses.append(address)
        log_in(address)


@pytest.fixture
def terminal(stack: Stack, tmp_path: Path) -> Terminal:
    return Terminal(stack, tmp_path)


def whoami(terminal: Terminal) -> dict[str, str]:
    status, seen = terminal.run(call.main, TOOL="whoami")
    assert status == 0
    who: dict[str, str] = json.loads(seen.out)
    return who


def test_the_first_command_logs_in_and_the_next_uses_that_login(terminal: Terminal) -> None:
    status, seen = terminal.run(listing.main)
    who = whoami(terminal)

    assert status == 0
    assert "  add_working_days  Add working days  [read-only]" in seen.out
    assert ", protocol 2026-07-28" in seen.out
    assert "  introduce_me" in seen.out
    assert "  server://about" in seen.out
    assert "Logged in." in seen.err
    assert len(terminal.addresses) == 1
    assert who["user_id"] == "user_01LOCALADALOVELACE0000000"


def test_a_token_that_has_ended_is_refreshed_without_the_browser(terminal: Terminal, tmp_path: Path) -> None:
    first = whoami(terminal)
    (file,) = tmp_path.iterdir()
    login = json.loads(file.read_text())
    file.write_text(json.dumps({**login, "expires_at": 1.0}))

    second = whoami(terminal)

    assert len(terminal.addresses) == 1
    assert second["client_id"] == first["client_id"]
    assert json.loads(file.read_text())["tokens"]["access_token"] != login["tokens"]["access_token"]


def test_two_commands_at_once_refresh_one_login_once(terminal: Terminal, tmp_path: Path) -> None:
    whoami(terminal)
    (file,) = tmp_path.iterdir()
    file.write_text(json.dumps({**json.loads(file.read_text()), "expires_at": 1.0}))

    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: whoami(terminal)["user_id"], range(2)))

    assert both == ["user_01LOCALADALOVELACE0000000"] * 2
    assert len(terminal.addresses) == 1


def test_a_token_that_the_server_refuses_leads_to_a_new_login(stack: Stack, terminal: Terminal) -> None:
    stack.clock.behind = LONG_AGO
    try:
        with pytest.raises(TerminalError, match="The server answers 401: The access token is expired"):
            terminal.run(call.main, TOOL="whoami")
    finally:
        stack.clock.behind = 0.0
    before = len(terminal.addresses)

    whoami(terminal)

    assert len(terminal.addresses) == before + 1


def test_a_logout_makes_the_next_command_log_in_again(terminal: Terminal) -> None:
    first = whoami(terminal)
    terminal.run(logout.main)
    second = whoami(terminal)

    assert len(terminal.addresses) == 2
    assert first["client_id"] != second["client_id"]


def test_a_login_that_authkit_has_forgotten_is_replaced(stack: Stack, terminal: Terminal, tmp_path: Path) -> None:
    whoami(terminal)
    (file,) = tmp_path.iterdir()
    login = json.loads(file.read_text())
    # As after `rm -r .local`: the client is gone, and so is the refresh token.
    login["client"]["client_id"] = "client_01FORGOTTEN"
    file.write_text(json.dumps({**login, "expires_at": 1.0}))

    status, seen = terminal.run(call.main, TOOL="whoami")

    assert status == 0
    assert "has forgotten the login" in seen.err
    assert len(terminal.addresses) == 2
    assert json.loads(seen.out)["client_id"] != "client_01FORGOTTEN"


def test_a_token_of_the_environment_needs_no_login_and_is_never_shown(stack: Stack, terminal: Terminal) -> None:
    token = stack.token()
    status, seen = terminal.run(call.main, TOOL="whoami", TOKEN=f"Bearer {token}")

    assert status == 0
    assert terminal.addresses == []
    assert token not in seen.out + seen.err


def test_a_refused_token_is_explained_with_the_servers_reason(stack: Stack, terminal: Terminal) -> None:
    token = stack.token(lifetime=-400)
    with pytest.raises(TerminalError) as refusal:
        terminal.run(call.main, TOOL="whoami", TOKEN=token)

    assert "The server answers 401: The access token is expired" in str(refusal.value)
    assert "unset it to log in" in str(refusal.value)
    assert token not in str(refusal.value)


def test_a_tools_error_and_an_unknown_tool(terminal: Terminal) -> None:
    status, seen = terminal.run(call.main, TOOL="add_working_days", ARGS='{"start":"soon"}')

    assert status == 1
    assert "start: should be a date" in seen.err
    with pytest.raises(TerminalError, match="Did you mean add_working_days"):
        terminal.run(call.main, TOOL="add_workingdays")


def test_a_tools_question_is_asked_in_the_terminal(terminal: Terminal) -> None:
    terminal.run(call.main, TOOL="keep_note", ARGS='{"note":"milk"}')
    user = User(["yes", ""])

    status, seen = terminal.run(call.main, user, TOOL="delete_note")
    again = terminal.run(call.main, TOOL="delete_note")[1]

    assert status == 0
    assert "The server asks: " in seen.err
    assert len(user.questions) == 2
    assert "You have no note." in again.out


def test_prompts_and_resources(terminal: Terminal) -> None:
    shown = terminal.run(prompt.main, PROMPT="introduce_me", ARGS='{"task":"Billing"}')[1]
    about = terminal.run(read.main, RESOURCE="server://about")[1]

    assert "to get done: Billing" in shown.out
    assert about.out.startswith("# About this server")
    with pytest.raises(TerminalError, match="There is no such resource"):
        terminal.run(read.main, RESOURCE="server://elsewhere")


def test_the_raw_forms_are_those_of_the_protocol(terminal: Terminal) -> None:
    lists = json.loads(terminal.run(listing.main, JSON="1")[1].out)
    result = json.loads(terminal.run(call.main, TOOL="whoami", JSON="1")[1].out)

    assert "whoami" in [each["name"] for each in lists["tools"]]
    assert result["structuredContent"]["is_machine"] is False


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    variables = {"PORT": "1024", "TOOL": "whoami", "LOGIN_FOLDER": str(tmp_path)}

    with pytest.raises(TerminalError, match="start it with `make dev`"):
        call.main(variables, make_screen().screen)
    with pytest.raises(TerminalError, match="No answer from"):
        call.main({**variables, "URL": "http://127.0.0.1:1024/mcp"}, make_screen().screen)
