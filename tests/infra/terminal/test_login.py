"""What a person reads while a command waits for the login."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from infra.terminal.login import BrowserLogin
from infra.terminal.screen import OpenBrowser
from infra.terminal.stored_login import StoredLogin
from tests.infra.terminal.screens import User, make_screen

URL = "https://mcp.example.com/mcp"
ADDRESS = "https://login.example.com/oauth2/authorize?state=1"
WAITING = "This waits 10 minutes for the login; Ctrl-C stops."
TOKEN = "Without a browser, give an access token: export TOKEN, or TOKEN_FILE=path."
PASTE = "If that browser is on another machine, paste here the address at which it ends."


async def show_address(show: Callable[[str], Awaitable[None]]) -> None:
    await show(ADDRESS)


@pytest.mark.parametrize(
    ("user", "open_browser", "advice"),
    [
        (None, None, [f"Open it in a browser on this machine. {WAITING}", TOKEN]),
        (User(()), None, [f"Open it in a browser. {WAITING}", PASTE]),
        (None, str, [f"Your browser opens it. {WAITING}"]),
        (User(()), str, [f"Your browser opens it. {WAITING}", PASTE]),
    ],
    ids=["a script", "ssh", "no terminal", "desktop"],
)
def test_the_address_the_time_and_the_other_ways_are_told(
    tmp_path: Path, user: User | None, open_browser: OpenBrowser | None, advice: list[str]
) -> None:
    seen = make_screen(user, open_browser)
    login = BrowserLogin(URL, StoredLogin(URL, tmp_path), seen.screen)
    show = login.provider.context.redirect_handler
    assert show is not None
    try:
        asyncio.run(show_address(show))
    finally:
        login.listener.close()

    assert seen.err.splitlines() == ["Log in at", "", f"  {ADDRESS}", "", *advice]
