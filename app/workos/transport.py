"""The WorkOS SDK's client with short time limits and one retry. The first call that needs WorkOS imports it."""

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
from app.workos.answer_log import Failure, RequestSummary, last_answer

MAX_ATTEMPT_SECONDS = 3
"""For one attempt as a whole. A timeout of httpx2 would hold for each of its steps."""
RETRY_DELAY_SECONDS = 0.25
"""Between the two attempts."""
MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""A page of a hundred rows has about a tenth of it."""
_CAUSES: tuple[tuple[str, type[BaseException]], ...] = (
    ("proxy", httpx2.ProxyError),
    ("refused", ConnectionRefusedError),
    ("reset", ConnectionResetError),
    ("dns", socket.gaierror),
    ("tls", ssl.SSLError),
)


@dataclass(frozen=True, slots=True)
class Connection:
    """The SDK's client and its HTTP backend, which the SDK does not close itself."""

    client: AsyncWorkOSClient
    http: "RetryOnce"


def connect(
    api_key: str,
    client_id: str,
    base_url: str | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Connection:
    """Create a client whose calls take 6.25 s at most.

    The SDK's own retries are off: they wait up to 60 s if WorkOS asks for it, and API Gateway ends a request after
    30 s. `base_url` was checked by the settings; without it, the SDK uses its own address. `transport` is what
    carries the requests, in tests a WorkOS in the same process; by default the network.
    """
    http = RetryOnce(transport)
    client = AsyncWorkOSClient(
        api_key=api_key,
        client_id=client_id,
        base_url=base_url,
        request_timeout=MAX_ATTEMPT_SECONDS,
        max_retries=0,
        http_client=http,
    )
    return Connection(client, http)


class NoConnection(TransportConnectError):
    """The request never reached WorkOS."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


class NoAnswerInTime(TransportTimeout):
    """Nobody knows whether WorkOS carried out the request."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


class NoUsableAnswer(TransportError):
    """The answer is not from WorkOS, or not complete."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


@dataclass(frozen=True)
class Answer(HTTPResponse):
    """An answer, with what the log needs to leave out a caller's text."""

    sent: bytes | None = None
    """The body of the request."""
    is_foreign: bool = False
    """Whether it is a refusal in another form than WorkOS has, so from another server."""


class RetryOnce:
    """The SDK's HTTP backend (workos.AsyncHTTPBackend), with one retry if that cannot do something twice."""

    def __init__(self, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        if transport is None:
            self._http = httpx2.AsyncClient(timeout=None, verify=create_tls_context())
        else:
            self._http = httpx2.AsyncClient(timeout=None, transport=transport)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        content: bytes | None,
        timeout: float,  # noqa: ASYNC109 - the SDK's signature
    ) -> HTTPResponse:
        # No compressed answers: a small one could unpack to any size.
        headers = {**headers, "accept-encoding": "identity"}
        request = self._build(method, url, headers, content)
        try:
            response = await self._send(request, within=timeout)
        except TransportConnectError:
            pass  # the request never reached WorkOS, so it can be sent again
        except TransportError as error:
            if not _is_repeatable(request) or _is_complete(error):
                raise
        else:
            if not _may_succeed_later(request, response):
                return response
        await asyncio.sleep(RETRY_DELAY_SECONDS)
        return await self._send(request, within=timeout)

    async def close(self) -> None:
        await self._http.aclose()

    def _build(self, method: str, url: str, headers: dict[str, str], content: bytes | None) -> httpx2.Request:
        try:
            return self._http.build_request(method, url, headers=headers, content=content)
        except (httpx2.InvalidURL, ValueError):
            # Leave the URL out of the log line: it cannot be parsed.
            raise NoConnection(Failure("address", RequestSummary(method, ""))) from None

    async def _send(self, request: httpx2.Request, *, within: float) -> Answer:
        # Each "from None": httpx2 repeats header values in its errors, and one of them is the API key.
        summary = RequestSummary(request.method, str(request.url))
        try:
            async with asyncio.timeout(within):
                response = await self._http.send(request, stream=True)
                content = await _read_content(response, summary)
        except (TimeoutError, httpx2.TimeoutException):
            raise NoAnswerInTime(Failure("timeout", summary)) from None
        except httpx2.ConnectError as error:
            raise NoConnection(Failure(_find_cause(error), summary)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            raise NoUsableAnswer(Failure(_find_cause(error), summary)) from None
        return _check_answer(response, content, summary, request.content or None)


def _find_cause(error: BaseException) -> str:
    """Return why there is no connection, or why it broke: the innermost error tells."""
    kinds = [kind for each in _list_causes(error) for kind, types in _CAUSES if isinstance(each, types)]
    return kinds[-1] if kinds else "unreachable" if isinstance(error, httpx2.ConnectError) else "cut_off"


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and its causes; the last one comes from the operating system."""
    current: BaseException | None = error
    while current is not None:
        yield current
        group = current.exceptions if isinstance(current, BaseExceptionGroup) else ()
        current = group[0] if group else current.__cause__ or current.__context__


async def _read_content(response: httpx2.Response, summary: RequestSummary) -> bytes:
    content = bytearray()
    try:
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise NoUsableAnswer(Failure("too_large", summary, response.status_code))
    finally:
        await response.aclose()
    return bytes(content)


def _check_answer(
    response: httpx2.Response, content: bytes, summary: RequestSummary, sent: bytes | None
) -> Answer:
    """Refuse what is not from WorkOS: the SDK would take a proxy's page for a success without a result."""
    status, is_object = response.status_code, _is_json_object(response, content)
    kind = None
    if 300 <= status < 400:
        kind = "redirect"
    elif status < 300 and not content and _is_read_only(summary.method, urlsplit(summary.url).path):
        kind = "empty"  # a read always has a result, some writes have an empty answer
    elif not is_object and (status < 300 or status == 404):
        # A 404 from another server says nothing about the thing that was asked for: the address is wrong.
        kind = "not_json"
    if kind is not None:
        location = response.headers.get("location", "") if kind == "redirect" else None
        raise NoUsableAnswer(Failure(kind, summary, status, location))
    if status < 300:
        last_answer.bind((summary, response.headers.get("x-request-id", "")))
    body = content if is_object else b"{}"
    return Answer(status, response.headers, body, summary.method, summary.url, sent, is_foreign=not is_object)


def _is_json_object(response: httpx2.Response, content: bytes) -> bool:
    """Return whether the body is a JSON object, or empty, and the content type does not say otherwise."""
    # RFC 6839 section 3.1: +json.
    media_type = response.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content and media_type != "application/json" and not media_type.endswith("+json"):
        return False
    try:
        return not content or isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        return False


def _is_read_only(method: str, path: str) -> bool:
    """Return whether the request changes nothing. Two requests of WorkOS are a POST that only asks."""
    return method in {"GET", "HEAD"} or path.endswith(("/check", "/api_keys/validations"))


def _is_complete(error: TransportError) -> bool:
    """Return whether a complete answer came from another server: a retry would get the same."""
    return isinstance(error, NoUsableAnswer) and error.failure.status is not None


def _is_repeatable(request: httpx2.Request) -> bool:
    """Return whether the request is idempotent (RFC 9110 section 9.2.2).

    A deletion is left out, because its retry would be answered with 404. Of all POSTs, WorkOS documents an
    Idempotency-Key only for audit log events.
    """
    path = request.url.path
    return _is_read_only(request.method, path) or request.method == "PUT" or path == "/audit_logs/events"


def _may_succeed_later(request: httpx2.Request, response: HTTPResponse) -> bool:
    """Return whether a retry after a moment may succeed. If WorkOS names a wait, the caller reads it instead."""
    if _names_wait(response.headers.get("retry-after", "")):
        return False
    return response.status_code == 429 or (
        response.status_code in {500, 502, 503, 504} and _is_repeatable(request)
    )


def _names_wait(retry_after: str) -> bool:
    """Return whether it has a form of RFC 9110 section 10.2.3: seconds, except 0, or a date."""
    value = retry_after.strip()
    if value.isdecimal():
        return value.strip("0") != ""
    try:
        parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):  # raised for different malformed dates
        return False
    return True
