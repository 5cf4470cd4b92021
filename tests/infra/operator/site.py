"""An HTTP server whose every answer a test can replace, down to a Date, a redirect, or none at all."""

import json
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Canned:
    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Site:
    """Answers by "METHOD /path"; "POST /mcp with token" is the same path with an Authorization header."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Canned] = {}
        self.received: list[Received] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def change(self, where: str, **changes: Any) -> None:
        """Replace parts of an answer."""
        self.answers[where] = Canned(**{**vars(self.answers.get(where, Canned())), **changes})

    def change_document(self, where: str, **members: Any) -> None:
        """Replace members of a JSON document; None takes one away."""
        document = {**self.answers[where].body, **members}
        self.change(where, body={name: value for name, value in document.items() if value is not None})

    def answer(self, request: Received) -> Canned:
        self.received.append(request)
        path = request.path.partition("?")[0]
        token = " with token" if "authorization" in request.headers else ""
        usual = self.answers.get(f"{request.method} {path}", Canned(404, {"message": "Not Found"}))
        return self.answers.get(f"{request.method} {path}{token}", usual)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    site: Site

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that refuses the certificate, or gives up, is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.site.answer(Received(self.command, self.path, headers, body))
        if answer.hangs:
            self.connection.recv(1)  # until the client gives up
            return
        self.send_response_only(answer.status)
        names = {"date": self.date_time_string(), "content-type": "application/json", **answer.headers}
        for name, value in {**names, "content-length": str(len(answer.content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)

    do_GET = do_POST = do_OPTIONS = do_PUT = do_DELETE = _serve  # noqa: N815 - the names that the base class calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the base class
        """The tests look at `received`."""
