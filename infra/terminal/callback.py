"""Wait on a loopback port for the browser to come back from the login (RFC 8252 section 7.3)."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from mcp.client.auth import AuthorizationCodeResult

from infra.operator.report import printable
from infra.terminal.command import TerminalError
from infra.terminal.screen import ReadLine

PATH = "/callback"
MAX_LOGIN_SECONDS = 600
_MAX_HEAD_BYTES = 32 * 1024
_HEAD_SECONDS = 10
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<body style="font:18px system-ui;max-width:32em;margin:20vh auto;padding:0 1em;color-scheme:light dark">
<h1>{title}</h1><p>You can close this page and go back to the terminal.</p></body></html>"""


class LoginCancelled(TerminalError):
    """The browser came back without a login; the message says what the authorization server answered."""


class CallbackListener:
    """The redirect URI of the client. The socket listens from the start, so no answer of a browser is missed."""

    def __init__(self, port: int | None = None) -> None:
        self._socket = _bind(port) or _bind(0) or _no_port()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}{PATH}"
        self._answer: asyncio.Future[str] | None = None
        self._state: str | None = None

    def expect(self, address: str) -> None:
        """Take only a browser that comes back from this authorization request.

        Any page can send a browser to a loopback port. Only the right answer has the request's `state` (RFC 6749
        section 4.1.2), so another one neither ends the wait nor reads that it logged in.
        """
        self._state = _read_query(address).get("state")

    async def wait(self, read_line: ReadLine | None = None) -> AuthorizationCodeResult:
        """Wait for the address to which the browser is sent.

        Args:
            read_line: reads that address from the terminal, for a user whose browser is on another machine.

        Raises:
            LoginCancelled: if the address has an error in place of a code.
            TerminalError: if nobody logs in within MAX_LOGIN_SECONDS.
        """
        self._answer = answer = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(self._serve, sock=self._socket.dup(), limit=_MAX_HEAD_BYTES)
        typing = asyncio.create_task(_pass_on(read_line, self._set_answer)) if read_line else None
        try:
            async with asyncio.timeout(MAX_LOGIN_SECONDS):
                return read_answer(await answer)
        except TimeoutError:
            minutes, token = MAX_LOGIN_SECONDS // 60, "give an access token: export TOKEN, or TOKEN_FILE=path."
            raise TerminalError(f"Nobody logged in within {minutes} minutes. Run it again, or {token}") from None
        finally:
            server.close()
            if typing:
                typing.cancel()

    def close(self) -> None:
        self._socket.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            writer.close()
            return
        target = head.split(b" ", 2)[1].decode("ascii", "replace") if head.startswith(b"GET ") else ""
        is_answer = self._is_answer(target)
        status, title = "404 Not Found", "There is nothing here"
        if is_answer:
            status, title = "200 OK", "You are logged in" if "code=" in target else "The login was not finished"
        body = _PAGE.format(title=title).encode()
        lines = [f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8", f"Content-Length: {len(body)}"]
        # The address of this page has the code in it: no other page is to be told of it.
        lines += ["Referrer-Policy: no-referrer", "Cache-Control: no-store", "Connection: close", "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()
        writer.close()
        if is_answer:
            self._set_answer(target)

    def _is_answer(self, target: str) -> bool:
        try:
            has_path = urlsplit(target).path == PATH
        except ValueError:  # such as //[
            return False
        query = _read_query(target) if has_path else {}
        return bool(query) and self._state in (None, query.get("state"))

    def _set_answer(self, address: str) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(address)


async def _pass_on(read_line: ReadLine, set_answer: Callable[[str], None]) -> None:
    """Pass the first typed line on that is an address with a query. After Ctrl-D only the browser can answer."""
    with suppress(EOFError):
        while not _read_query(line := (await read_line("")).strip()):
            pass
        set_answer(line)


def read_answer(address: str) -> AuthorizationCodeResult:
    """Read the parameters that the authorization server added to the redirect URI (RFC 6749 section 4.1.2).

    Raises:
        LoginCancelled: if there is no code.
    """
    query = _read_query(address)
    if "code" not in query:
        error = printable(query.get("error", "no code"))
        why = printable(query.get("error_description", ""))
        raise LoginCancelled(f"The login was not finished: {error}{f', {why}' if why else ''}. Run it again.")
    return AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))


def _read_query(address: str) -> dict[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    except ValueError:  # no address, or too many parameters
        return {}


def _bind(port: int | None) -> socket.socket | None:
    if port is None:
        return None
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(8)
    except OSError:
        listener.close()
        return None
    return listener


def _no_port() -> socket.socket:
    raise TerminalError("no port on 127.0.0.1 is free, and the login needs one for the browser to come back to")
