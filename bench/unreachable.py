"""Issuers whose keys cannot be had, each in another way; the tokens are good."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from infra.local.loopback import LoopbackServer
from tests.loopback_issuer import LoopbackIssuer


@contextmanager
def refusing() -> Iterator[LoopbackIssuer]:
    """Nobody listens on its port."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield _at(f"http://127.0.0.1:{kept.getsockname()[1]}")


@contextmanager
def failing() -> Iterator[LoopbackIssuer]:
    """It answers 503."""
    with LoopbackServer(_fail) as server:
        yield _at(server.url)


@contextmanager
def silent() -> Iterator[LoopbackIssuer]:
    """Connections are made, and nobody answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as kept:
        yield _at(f"http://127.0.0.1:{kept.getsockname()[1]}")


UNREACHABLE: dict[str, Callable[[], AbstractContextManager[LoopbackIssuer]]] = {
    "refuses connections": refusing,
    "answers 503": failing,
    "never answers": silent,
}


def _at(url: str) -> LoopbackIssuer:
    there = LoopbackIssuer()
    there.issuer.url = url
    return there


async def _fail(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while (told := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{told['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 503, "headers": []})
    await send({"type": "http.response.body", "body": b""})
