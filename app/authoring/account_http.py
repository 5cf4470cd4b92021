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
            event_hooks={"request": [_require_https]},
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
                opened = await super().send(request, stream=True, **options)
                response = _limit(opened)
                if not stream:
                    await response.aread()
        except TimeoutError:
            raise httpx2.ReadTimeout(f"no answer within {MAX_REQUEST_SECONDS:g} s", request=request) from None
        return response


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


def _limit(opened: httpx2.Response) -> httpx2.Response:
    """The same answer, which raises when more than MAX_ANSWER_BYTES are read of it."""
    return httpx2.Response(
        opened.status_code,
        headers=opened.headers,
        stream=_LimitedStream(opened),
        request=opened.request,
        extensions=opened.extensions,
        history=opened.history,
    )


class _LimitedStream(httpx2.AsyncByteStream):
    def __init__(self, opened: httpx2.Response) -> None:
        self._opened = opened

    async def __aiter__(self) -> AsyncIterator[bytes]:
        encoding = self._opened.headers.get("content-encoding", "identity").lower()
        size = 0
        async for chunk in cast("httpx2.AsyncByteStream", self._opened.stream):
            size += len(chunk)
            if size > MAX_ANSWER_BYTES or encoding != "identity":
                raise AnswerTooLarge(
                    f"it may have {MAX_ANSWER_BYTES // 1024} KiB, not compressed", request=self._opened.request
                )
            yield chunk

    async def aclose(self) -> None:
        await self._opened.aclose()
