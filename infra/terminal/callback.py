"""Wait on a loopback port for the browser to come back from the login (RFC 8252 section 7.3)."""

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from urllib.parse import parse_qs, urlsplit

from mcp.client.auth import AuthorizationCodeResult

from infra.operator.report import printable
from infra.terminal.command import TerminalError

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

    async def wait(self, *, may_be_typed: bool = False) -> AuthorizationCodeResult:
        """Wait for the address to which the browser is sent.

        Args:
            may_be_typed: whether the user may also paste that address into the terminal, because the browser is on
                another machine.

        Raises:
            LoginCancelled: if the address has an error in place of a code.
            TerminalError: if nobody logs in within MAX_LOGIN_SECONDS.
        """
        self._answer = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(self._serve, sock=self._socket.dup(), limit=_MAX_HEAD_BYTES)
        try:
            async with asyncio.timeout(MAX_LOGIN_SECONDS):
                with self._read_terminal() if may_be_typed else nullcontext():
                    return read_answer(await self._answer)
        except TimeoutError:
            raise TerminalError(f"nobody logged in within {MAX_LOGIN_SECONDS // 60} minutes") from None
        finally:
            server.close()

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
        is_answer = urlsplit(target).path == PATH and bool(urlsplit(target).query)
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

    def _set_answer(self, address: str) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(address)

    @contextmanager
    def _read_terminal(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.add_reader(sys.stdin, self._read_line)
        try:
            yield
        finally:
            loop.remove_reader(sys.stdin)

    def _read_line(self) -> None:
        line = sys.stdin.readline()
        if not line:
            asyncio.get_running_loop().remove_reader(sys.stdin)
        elif urlsplit(line.strip()).query:
            self._set_answer(line.strip())


def read_answer(address: str) -> AuthorizationCodeResult:
    """Read the parameters that the authorization server added to the redirect URI (RFC 6749 section 4.1.2).

    Raises:
        LoginCancelled: if there is no code.
    """
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    if "code" not in query:
        error = printable(query.get("error", "no code"))
        why = printable(query.get("error_description", ""))
        raise LoginCancelled(f"The login was not finished: {error}{f', {why}' if why else ''}. Run it again.")
    return AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))


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
