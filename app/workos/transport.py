"""The WorkOS SDK's client with this function's patience. Imported on the first call that needs WorkOS."""

import asyncio
import json
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2
from workos import (
    AsyncWorkOSClient,
    HTTPResponse,
    TransportConnectError,
    TransportError,
    TransportTimeout,
)

from app.auth.fetch import create_tls_context
from app.workos.answer_log import Asked, Failure, last_answer

TIMEOUT = 3
"""Seconds for one attempt as a whole; httpx alone would allow them for each of its steps."""
RETRY_DELAY = 0.25
"""Seconds between the two attempts."""
MAX_BYTES = 4 * 1024 * 1024
"""Of one answer; a page of a hundred rows has about a tenth of it."""
_CAUSES: tuple[tuple[str, type[BaseException]], ...] = (
    ("proxy", httpx2.ProxyError),
    ("refused", ConnectionRefusedError),
    ("reset", ConnectionResetError),
    ("dns", socket.gaierror),
    ("tls", ssl.SSLError),
)


@dataclass(frozen=True, slots=True)
class Connected:
    """The SDK's client and what it talks through, which the SDK leaves to its owner to close."""

    client: AsyncWorkOSClient
    http: "RetryOnce"


def connect(api_key: str, client_id: str, base_url: str | None = None) -> Connected:
    """A client whose calls take 6.25 s at most.

    The SDK's own retries are off: they wait up to 60 s where WorkOS asks for it, and the gateway ends a
    request after 30 s. The address is the one that the settings checked; without one the SDK has its own.
    """
    http = RetryOnce()
    client = AsyncWorkOSClient(
        api_key=api_key,
        client_id=client_id,
        base_url=base_url,
        request_timeout=TIMEOUT,
        max_retries=0,
        http_client=http,
    )
    return Connected(client, http)


class NoConnection(TransportConnectError):
    """The request never reached WorkOS."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


class NoAnswerInTime(TransportTimeout):
    """Whether WorkOS did what it was asked for is not known."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


class NoUsableAnswer(TransportError):
    """What came is no answer of WorkOS', or not a whole one."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


@dataclass(frozen=True)
class Answer(HTTPResponse):
    """An answer, with what the log has to know to leave a caller's text out of it."""

    sent: bytes | None = None
    """The body of the request."""
    is_foreign: bool = False
    """Whether it is a refusal that is not written as WorkOS writes them."""


class RetryOnce:
    """The SDK's HTTP backend (workos.AsyncHTTPBackend), with one retry where it cannot do a thing twice."""

    def __init__(self) -> None:
        self._http = httpx2.AsyncClient(timeout=None, verify=create_tls_context())

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        content: bytes | None,
        timeout: float,  # noqa: ASYNC109 - the SDK's signature
    ) -> HTTPResponse:
        # Compressed answers are not asked for: a small one could unpack to any size.
        headers = {**headers, "accept-encoding": "identity"}
        request = self._build(method, url, headers, content)
        try:
            response = await self._send(request, within=timeout)
        except TransportConnectError:
            pass  # it never reached WorkOS
        except TransportError as error:
            if not _is_repeatable(request) or _is_whole(error):
                raise
        else:
            if not _may_pass(request, response):
                return response
        await asyncio.sleep(RETRY_DELAY)
        return await self._send(request, within=timeout)

    async def close(self) -> None:
        await self._http.aclose()

    def _build(self, method: str, url: str, headers: dict[str, str], content: bytes | None) -> httpx2.Request:
        try:
            return self._http.build_request(method, url, headers=headers, content=content)
        except (httpx2.InvalidURL, ValueError):
            # The log is told of no URL: this one cannot be read.
            raise NoConnection(Failure("address", Asked(method, ""))) from None

    async def _send(self, request: httpx2.Request, *, within: float) -> Answer:
        # Each "from None": httpx repeats header values in its errors, and one of them is the API key.
        asked = Asked(request.method, str(request.url))
        try:
            async with asyncio.timeout(within):
                response = await self._http.send(request, stream=True)
                content = await _read(response, asked)
        except (TimeoutError, httpx2.TimeoutException):
            raise NoAnswerInTime(Failure("timeout", asked)) from None
        except httpx2.ConnectError as error:
            raise NoConnection(Failure(_cause(error), asked)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            raise NoUsableAnswer(Failure(_cause(error), asked)) from None
        return _checked(response, content, asked, request.content or None)


def _cause(error: BaseException) -> str:
    """Why there is no connection, or no longer one: the innermost error knows."""
    kinds = [kind for each in _chain(error) for kind, types in _CAUSES if isinstance(each, types)]
    return kinds[-1] if kinds else "unreachable" if isinstance(error, httpx2.ConnectError) else "cut_off"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those behind it; the last one is the system's."""
    current: BaseException | None = error
    while current is not None:
        yield current
        group = current.exceptions if isinstance(current, BaseExceptionGroup) else ()
        current = group[0] if group else current.__cause__ or current.__context__


async def _read(response: httpx2.Response, asked: Asked) -> bytes:
    content = bytearray()
    try:
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) > MAX_BYTES:
                raise NoUsableAnswer(Failure("too_large", asked, response.status_code))
    finally:
        await response.aclose()
    return bytes(content)


def _checked(response: httpx2.Response, content: bytes, asked: Asked, sent: bytes | None) -> Answer:
    """The SDK takes what is no JSON object for success without a result: a proxy's page must not pass as one."""
    status, is_object = response.status_code, _is_object(response, content)
    kind = None
    if 300 <= status < 400:
        kind = "redirect"
    elif status < 300 and not content and _is_read(asked.method, urlsplit(asked.url).path):
        kind = "empty"  # who reads gets something; some writes are answered with nothing
    elif not is_object and (status < 300 or status == 404):
        # A 404 that WorkOS did not write says nothing about what was asked for, only that the address is wrong.
        kind = "not_json"
    if kind is not None:
        location = response.headers.get("location", "") if kind == "redirect" else None
        raise NoUsableAnswer(Failure(kind, asked, status, location))
    if status < 300:
        last_answer.bind((asked, response.headers.get("x-request-id", "")))
    shown = content if is_object else b"{}"
    return Answer(status, response.headers, shown, asked.method, asked.url, sent, is_foreign=not is_object)


def _is_object(response: httpx2.Response, content: bytes) -> bool:
    """Whether the body is a JSON object, and says so; a missing type says nothing. An empty one counts as it."""
    # RFC 6839 section 3.1: +json.
    media_type = response.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content and media_type != "application/json" and not media_type.endswith("+json"):
        return False
    try:
        return not content or isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        return False


def _is_read(method: str, path: str) -> bool:
    """Whether it changes nothing; WorkOS's authorization check is a POST that asks."""
    return method in {"GET", "HEAD"} or path.endswith("/check")


def _is_whole(error: TransportError) -> bool:
    """Whether an answer came, which was not of WorkOS: the same would come again."""
    return isinstance(error, NoUsableAnswer) and error.failure.status is not None


def _is_repeatable(request: httpx2.Request) -> bool:
    """Whether doing it twice does it once (RFC 9110 section 9.2.2), deletions apart: the second would be a 404.

    Of POSTs, WorkOS documents its Idempotency-Key for audit log events alone.
    """
    path = request.url.path
    return _is_read(request.method, path) or request.method == "PUT" or path == "/audit_logs/events"


def _may_pass(request: httpx2.Request, response: HTTPResponse) -> bool:
    """Whether a moment helps. Where WorkOS names a wait, the caller is told instead of kept waiting."""
    if _names_wait(response.headers.get("retry-after", "")):
        return False
    return response.status_code == 429 or (
        response.status_code in {500, 502, 503, 504} and _is_repeatable(request)
    )


def _names_wait(retry_after: str) -> bool:
    """Whether it is one of the two forms of RFC 9110 section 10.2.3: seconds, or a date. 0 seconds is no wait."""
    value = retry_after.strip()
    if value.isdecimal():
        return value.strip("0") != ""
    try:
        parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):  # each for another kind of nonsense
        return False
    return True
