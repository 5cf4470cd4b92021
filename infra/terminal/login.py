"""Log a person in through the browser, with the OAuth client of the MCP SDK."""

import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata
from pydantic import AnyUrl

from infra.operator.web import is_loopback
from infra.terminal.callback import MAX_LOGIN_SECONDS, CallbackListener
from infra.terminal.screen import Screen
from infra.terminal.stored_login import StoredLogin

CLIENT_NAME = "Terminal (make call)"
_CHECK_SECONDS = 10.0
_WAITING = f"This waits {MAX_LOGIN_SECONDS // 60} minutes for the login; Ctrl-C stops."


class ClientForgotten(Exception):
    """The authorization server does not know the client of the stored login any more."""


class BrowserLogin:
    """One run of a command: the OAuth client, its redirect URI and what the user sees while logging in."""

    def __init__(self, url: str, stored: StoredLogin, screen: Screen) -> None:
        self._stored = stored
        self._screen = screen
        # A client that this run registers is known. One of an earlier run may have been deleted since.
        self._may_be_forgotten = stored.has_client
        self.listener = CallbackListener(stored.redirect_port)
        self.provider = OAuthClientProvider(
            server_url=url,
            client_metadata=OAuthClientMetadata(
                client_name=CLIENT_NAME,
                redirect_uris=[AnyUrl(self.listener.url)],
                grant_types=["authorization_code", "refresh_token"],
                token_endpoint_auth_method="none",  # noqa: S106 - RFC 7591: a public client
            ),
            storage=stored,
            redirect_handler=self._show_address,
            callback_handler=self._wait_for_browser,
        )
        stored.restore(self.provider.context)

    async def _show_address(self, address: str) -> None:
        if self._may_be_forgotten and await _is_refused(address):
            raise ClientForgotten
        self.listener.expect(address)
        self._screen.note(f"Log in at\n\n  {address}\n")
        if self._screen.open_browser:
            # A thread, because some browsers keep webbrowser.open waiting until they are closed. A daemon, so that
            # the command does not wait for them at its end.
            threading.Thread(target=self._screen.open_browser, args=(address,), daemon=True).start()
        for line in self._describe_ways():
            self._screen.note(line)

    def _describe_ways(self) -> Iterator[str]:
        has_browser, can_paste = self._screen.open_browser is not None, self._screen.read_line is not None
        if has_browser:
            yield f"Your browser opens it. {_WAITING}"
        else:
            # Only there it reaches the redirect URI, which is on loopback.
            place = "" if can_paste else " on this machine"
            yield f"Open it in a browser{place}. {_WAITING}"
        if can_paste:
            yield "If that browser is on another machine, paste here the address at which it ends."
        elif not has_browser:
            yield "Without a browser, give an access token: export TOKEN, or TOKEN_FILE=path."

    async def _wait_for_browser(self) -> AuthorizationCodeResult:
        answer = await self.listener.wait(self._screen.read_line)
        self._screen.note("Logged in.\n")
        return answer


async def _is_refused(address: str) -> bool:
    """Whether the authorization server answers the address with an error, which a browser would only display.

    With an unknown client it must not send the browser back to the client (RFC 6749 section 4.1.2.1): AuthKit
    redirects to a page of its own, whose address has the error.
    """
    try:
        async with httpx2.AsyncClient(timeout=_CHECK_SECONDS, trust_env=not is_loopback(address)) as client:
            response = await client.get(address)
    except httpx2.HTTPError:
        return False
    query = parse_qs(urlsplit(response.headers.get("location", "")).query)
    return 400 <= response.status_code < 500 or (response.is_redirect and "error" in query)
