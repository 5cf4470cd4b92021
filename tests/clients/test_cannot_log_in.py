"""Programs that cannot log in by themselves fail as docs/clients.md says, until they or AuthKit change."""

import json
from pathlib import Path

import pytest

from tests.clients.dialogs import GEMINI, PATIENCE, add_to_gemini_cli, for_gemini_cli
from tests.clients.documented import PAGE
from tests.clients.home import SERVER, settled
from tests.clients.mastra import DOCUMENT, command

pytestmark = [pytest.mark.clients, pytest.mark.timeout(400)]
NO_REGISTRATION = "Dynamic client registration is not supported."
NO_APPLICATION = "application_not_found"
NO_ISS = 'Missing "iss" parameter in authorization response'


def test_gemini_cli_refuses_a_callback_without_iss(tmp_path: Path) -> None:
    with settled(tmp_path / "client") as home:
        add_to_gemini_cli(home, "-t", "http", home.url)
        with home.terminal("gemini", "--yolo", "-m", GEMINI, **for_gemini_cli(home)) as terminal:
            terminal.wait_for("1 MCP server", PATIENCE)
            terminal.press_until("Do you want to continue?", PATIENCE, f"/mcp auth {SERVER}", "\r", "", "")
            terminal.press_until(NO_ISS, PATIENCE, "\r", "", "")

        assert home.consents == ["Gemini CLI MCP Client"]
        assert home.whoami_calls() == []
    assert NO_ISS in PAGE.read_text()


def test_mastra_does_not_register_itself(tmp_path: Path) -> None:
    with settled(tmp_path / "client") as home:
        done = home.attempt(*command(home))

        assert done.returncode == 1
        assert NO_REGISTRATION in done.stdout
        assert home.observer.exchanges == []
    assert f'"{NO_REGISTRATION}"' in PAGE.read_text()


def test_mastra_stays_at_the_login_page_where_authkit_reads_no_documents(tmp_path: Path) -> None:
    with settled(tmp_path / "client") as home, home.terminal(*command(home, DOCUMENT)):
        home.wait_until("AuthKit's refusal", lambda: NO_APPLICATION in json.dumps(home.pages))

        assert home.whoami_calls() == []
    assert f"`{NO_APPLICATION}`" in PAGE.read_text()
