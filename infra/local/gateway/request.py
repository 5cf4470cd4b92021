"""Read one whole HTTP request, as API Gateway does before it invokes the function."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_HEAD_BYTES = 10_240
"""Bytes of request line and headers together (HTTP API quota)."""
MAX_BODY_BYTES = 10 * 1024 * 1024
"""Bytes of body (HTTP API quota)."""


class BodyTooLarge(Exception):
    """The body is larger than API Gateway accepts. All of it was read and dropped."""


class ClientGone(Exception):
    """The client hung up before its request was complete."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`path` is decoded, `target_path` and `query` are as sent; header names are lower-case."""

    method: str
    path: str
    target_path: str
    query: str
    protocol: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    client_address: str
    server_port: int

    @property
    def head_size(self) -> int:
        """Count the bytes of request line and headers, including line ends."""
        target = len(self.target_path) + (len(self.query) + 1 if self.query else 0)
        line = len(self.method) + target + len(self.protocol) + 4
        return line + sum(len(name) + len(value) + 4 for name, value in self.headers)


async def read_request(scope: Scope, receive: Receive) -> HttpRequest:
    """Read the request of one ASGI HTTP connection.

    Raises:
        BodyTooLarge: if the body is over 10 MB.
        ClientGone: if the client hangs up before the body is complete.
    """
    client, server = scope.get("client"), scope.get("server")
    host, target_path = _split_target(scope["raw_path"].decode("latin-1"))
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    if host is not None:
        # RFC 9112 section 3.2.2: the host of the target counts, and another one in the Host field is ignored.
        headers = [("host", host), *((name, value) for name, value in headers if name != "host")]
    return HttpRequest(
        method=scope["method"],
        path=unquote(target_path),
        target_path=target_path,
        query=scope["query_string"].decode("latin-1"),
        protocol=f"HTTP/{scope['http_version']}",
        headers=tuple(headers),
        body=await _read_body(receive),
        client_address=client[0] if client else "127.0.0.1",
        server_port=server[1] if server and server[1] else 80,
    )


def _split_target(target: str) -> tuple[str | None, str]:
    """Split a request target into host and path; the host is None unless the target is in absolute-form."""
    if not target.lower().startswith(("http://", "https://")):
        return None, target
    host, slash, path = target.partition("://")[2].partition("/")
    return host, slash + path or "/"


async def _read_body(receive: Receive) -> bytes:
    body, size, more = bytearray(), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        # Read on past the limit, because a client that is still sending would not see the answer.
        if size <= MAX_BODY_BYTES:
            body += chunk
    if size > MAX_BODY_BYTES:
        raise BodyTooLarge
    return bytes(body)
