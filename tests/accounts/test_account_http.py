"""The client of an account: where the token goes, and what its answers may cost."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from app.authoring import account_http
from app.authoring.account_http import MAX_ANSWER_BYTES, AccountClient, AnswerTooLarge

API = "https://api.github.com"
Answer = Callable[[httpx2.Request], httpx2.Response]


class Provider:
    """Answers, and keeps what it was sent."""

    def __init__(self, answer: Answer) -> None:
        self.tokens: list[tuple[str, str | None]] = []
        self._answer = answer

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.tokens.append((str(request.url), request.headers.get("authorization")))
        return self._answer(request)


def get(answer: Answer, url: str = f"{API}/user", **options: Any) -> tuple[httpx2.Response, Provider]:
    provider = Provider(answer)

    async def scenario() -> httpx2.Response:
        async with AccountClient(lambda: SecretStr("gho_1"), httpx2.MockTransport(provider)) as http:
            return await http.get(url, **options)

    return asyncio.run(scenario()), provider


def unread(body: bytes, status: int = 200, **headers: str) -> httpx2.Response:
    """An answer as the network gives it: its body is still to be read."""

    async def pieces() -> AsyncIterator[bytes]:
        yield body

    return httpx2.Response(
        status, headers={name.replace("_", "-"): text for name, text in headers.items()}, content=pieces()
    )


def redirect_to(address: str) -> Answer:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return (
            httpx2.Response(302, headers={"location": address})
            if request.url.path == "/user"
            else httpx2.Response(200)
        )

    return answer


def test_the_token_is_sent() -> None:
    response, provider = get(lambda request: httpx2.Response(200, json={"login": "ada"}))

    assert response.json() == {"login": "ada"}
    assert provider.tokens == [(f"{API}/user", "Bearer gho_1")]


def test_redirects_are_not_followed_by_themselves() -> None:
    response, provider = get(redirect_to("https://evil.example/"))

    assert (response.status_code, len(provider.tokens)) == (302, 1)


@pytest.mark.parametrize(
    ("target", "token"),
    [
        (f"{API}/users/ada", "Bearer gho_1"),
        ("https://evil.example/take", None),
        ("https://api.github.com:444/take", None),
    ],
)
def test_a_redirect_to_another_host_loses_the_token(target: str, token: str | None) -> None:
    response, provider = get(redirect_to(target), follow_redirects=True)

    assert response.status_code == 200
    assert [step.status_code for step in response.history] == [302]
    assert provider.tokens == [(f"{API}/user", "Bearer gho_1"), (target, token)]


def test_a_redirect_to_plain_http_is_not_followed() -> None:
    with pytest.raises(httpx2.UnsupportedProtocol, match="https only"):
        get(redirect_to("http://api.github.com/take"), follow_redirects=True)


def test_plain_http_is_for_this_machine_alone() -> None:
    assert get(lambda request: httpx2.Response(200), "http://127.0.0.1:8001/user")[0].status_code == 200
    with pytest.raises(httpx2.UnsupportedProtocol):
        get(lambda request: httpx2.Response(200), "http://api.github.com/user")


def test_an_answer_is_bounded() -> None:
    assert len(get(lambda request: unread(b"x" * MAX_ANSWER_BYTES))[0].content) == MAX_ANSWER_BYTES
    with pytest.raises(AnswerTooLarge, match="4096 KiB"):
        get(lambda request: unread(b"x" * (MAX_ANSWER_BYTES + 1)))


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_the_body_of_a_redirect_is_bounded_too(encoding: str) -> None:
    body = b"x" * (MAX_ANSWER_BYTES + 1) if encoding == "identity" else gzip.compress(b"x")

    def answer(request: httpx2.Request) -> httpx2.Response:
        is_first = request.url.path == "/user"
        return unread(body, 302, location="/users/ada", content_encoding=encoding) if is_first else unread(b"{}")

    with pytest.raises(AnswerTooLarge):
        get(answer, follow_redirects=True)


def test_an_answer_that_is_too_large_is_closed() -> None:
    class Endless(httpx2.AsyncByteStream):
        is_closed = False

        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                yield b"x" * MAX_ANSWER_BYTES

        async def aclose(self) -> None:
            self.is_closed = True

    body = Endless()
    with pytest.raises(AnswerTooLarge):
        get(lambda request: httpx2.Response(200, stream=body))
    assert body.is_closed


def test_a_compressed_answer_is_neither_asked_for_nor_taken() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["accept-encoding"] == "identity"
        return unread(gzip.compress(b"x" * 10), content_encoding="gzip")

    with pytest.raises(AnswerTooLarge, match="not compressed"):
        get(answer)


def test_a_provider_that_does_not_answer_is_given_up() -> None:
    class Silent(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            raise TimeoutError  # as asyncio.timeout does once the time is over

    async def scenario() -> None:
        async with AccountClient(lambda: SecretStr("gho_1"), Silent()) as http:
            await http.get(f"{API}/user")

    with pytest.raises(httpx2.ReadTimeout, match="within 10 s") as raised:
        asyncio.run(scenario())
    assert raised.value.request.url.path == "/user"


def test_an_answer_can_be_read_piece_by_piece_within_the_same_bound() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 1000

    async def scenario() -> list[int]:
        transport = httpx2.MockTransport(lambda request: httpx2.Response(200, content=pieces()))
        async with (
            AccountClient(lambda: SecretStr("gho_1"), transport) as http,
            http.stream("GET", f"{API}/user") as response,
        ):
            return [len(piece) async for piece in response.aiter_bytes()]

    assert asyncio.run(scenario()) == [1000, 1000, 1000]


def test_by_default_it_uses_the_network_with_the_certificates_of_all_connections() -> None:
    async def scenario() -> str:
        async with AccountClient(lambda: SecretStr("gho_1")) as http:
            return repr(http.auth)

    assert "gho_1" not in asyncio.run(scenario())
    assert account_http.MAX_REQUEST_SECONDS == 10
