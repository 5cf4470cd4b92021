"""The one outbound GET, against a real server on loopback that misbehaves in every way."""

import asyncio
import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from app.auth.fetch import FetchFailed, fetch
from infra.local.loopback import LoopbackServer

SEEN: dict[str, dict[bytes, bytes]] = {}


async def misbehave(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while (message := await receive())["type"] != "lifespan.shutdown":
            await send({"type": f"{message['type']}.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    path = scope["path"]
    SEEN[path] = dict(scope["headers"])
    status, headers, body = ANSWERS.get(path, (200, [], b""))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if path == "/hangs":
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    await send({"type": "http.response.body", "body": body})


ANSWERS: dict[str, tuple[int, list[tuple[bytes, bytes]], bytes]] = {
    "/good": (200, [], b"x" * 65536),
    "/large": (200, [], b"x" * 65537),
    "/missing": (404, [], b"{}"),
    "/created": (201, [], b"{}"),
    "/elsewhere": (302, [(b"location", b"/good")], b""),
    "/packed": (200, [(b"content-encoding", b"gzip")], gzip.compress(b"x" * 10)),
}


@pytest.fixture(scope="module")
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer(misbehave) as running:
        yield running


def get(url: str, seconds: float = 3.0) -> bytes:
    return asyncio.run(fetch(url, seconds=seconds))


def test_a_good_answer_of_64_kib_is_taken_whole(server: LoopbackServer) -> None:
    assert get(f"{server.url}/good") == b"x" * 65536


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("/large", "more than 65536 bytes"),
        ("/missing", "HTTP 404"),
        ("/created", "HTTP 201"),
        ("/elsewhere", "HTTP 302"),
        ("/packed", "compressed"),
    ],
)
def test_anything_else_is_a_failed_fetch_that_says_why(path: str, cause: str, server: LoopbackServer) -> None:
    with pytest.raises(FetchFailed, match=cause):
        get(server.url + path)


def test_the_time_limit_holds_for_the_whole_answer(server: LoopbackServer) -> None:
    with pytest.raises(FetchFailed, match=r"within 0\.2 s"):
        get(f"{server.url}/hangs", seconds=0.2)


def test_a_refused_connection_is_a_failed_fetch(server: LoopbackServer) -> None:
    gone = LoopbackServer(misbehave)
    gone.stop()

    with pytest.raises(FetchFailed, match="ConnectError"):
        get(gone.url)


def test_a_redirect_is_not_followed(server: LoopbackServer) -> None:
    SEEN.clear()
    with pytest.raises(FetchFailed):
        get(f"{server.url}/elsewhere")

    assert list(SEEN) == ["/elsewhere"]
