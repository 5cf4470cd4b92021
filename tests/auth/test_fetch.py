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


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff\n",
        b"<html>",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 99 No\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\na\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na: \xff\r\ncontent-encoding: \xff\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 100_000,
    ],
    ids=lambda answer: answer[:60],
)
def test_bytes_that_are_no_answer_are_a_failed_fetch(answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async def scenario() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(FetchFailed):
                await fetch(f"http://127.0.0.1:{port}/oauth2/jwks", seconds=3.0)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://127.0.0.1:99999/", "http://\x00/", "no url", "http://é:x/"]
)
def test_what_is_no_url_is_a_failed_fetch(url: str) -> None:
    with pytest.raises(FetchFailed):
        get(url)
