"""The HTTP client of a connected account: it sends the token, and keeps it from where it does not belong."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from typing import Any, cast

import httpx2
from pydantic import SecretStr

from app.auth.fetch import create_tls_context
from app.auth.urls import is_loopback

MAX_REQUEST_SECONDS = 10.0
"""For one request as a whole, with its redirects and its answer."""
MAX_ANSWER_BYTES = 4 * 1024 * 1024


class AnswerTooLarge(httpx2.TransportError):
    """The answer is larger than MAX_ANSWER_BYTES, or compressed, so that it could unpack to any size."""


class AccountClient(httpx2.AsyncClient):
    """httpx2's client with the account's token, for https and for loopback hosts.

    httpx2 sends what `auth` added to the host of the request alone: it takes it away before it follows a redirect
    to another one.
    """

    def __init__(
        self, read_token: Callable[[], SecretStr], transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        where: dict[str, Any] = {"transport": transport} if transport else {"verify": create_tls_context()}
        super().__init__(
            auth=_Bearer(read_token),
            headers={"accept-encoding": "identity"},
            timeout=MAX_REQUEST_SECONDS,
            event_hooks={"request": [_require_https], "response": [_limit]},
            **where,
        )

    async def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        """Send a request. All other methods come here too.

        Raises:
            httpx2.ReadTimeout: it took longer than MAX_REQUEST_SECONDS; with `stream`, until the first byte.
            httpx2.UnsupportedProtocol: the address is not https.
            AnswerTooLarge: by reading the answer.
        """
        try:
            async with asyncio.timeout(MAX_REQUEST_SECONDS):
                return await super().send(request, stream=stream, **options)
        except TimeoutError:
            raise httpx2.ReadTimeout(f"no answer within {MAX_REQUEST_SECONDS:g} s", request=request) from None


class _Bearer(httpx2.Auth):
    def __init__(self, read_token: Callable[[], SecretStr]) -> None:
        self._read_token = read_token

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["authorization"] = f"Bearer {self._read_token().get_secret_value()}"
        yield request


async def _require_https(request: httpx2.Request) -> None:
    """Refuse plain http, also as the target of a redirect, unless it stays on this machine."""
    if request.url.scheme != "https" and not is_loopback(str(request.url)):
        raise httpx2.UnsupportedProtocol("the token is sent over https only", request=request)


async def _limit(response: httpx2.Response) -> None:
    """Let no more than MAX_ANSWER_BYTES be read: of a redirect that is followed too, whose body httpx2 reads."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    stream = cast("httpx2.AsyncByteStream", response.stream)
    response.stream = _LimitedStream(stream, response.request, is_compressed=encoding != "identity")


class _LimitedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, request: httpx2.Request, *, is_compressed: bool) -> None:
        self._stream = stream
        self._request = request
        self._is_compressed = is_compressed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._stream:
            size += len(chunk)
            if size > MAX_ANSWER_BYTES or self._is_compressed:
                raise AnswerTooLarge(
                    f"it may have {MAX_ANSWER_BYTES // 1024} KiB, not compressed", request=self._request
                )
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
