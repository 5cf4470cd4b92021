"""The WorkOS SDK's client with this function's patience. Imported on the first call that needs WorkOS."""

import asyncio
import json
from dataclasses import dataclass

import httpx2
from workos import (
    AsyncWorkOSClient,
    HTTPResponse,
    TransportConnectError,
    TransportError,
    TransportTimeout,
)

from app.auth.fetch import tls

TIMEOUT = 3
"""Seconds for one attempt as a whole; httpx alone would allow them for each of its steps."""
RETRY_DELAY = 0.25
"""Seconds between the two attempts."""
MAX_BYTES = 4 * 1024 * 1024
"""Of one answer; a page of a hundred rows has about a tenth of it."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The SDK's client and what it talks through, which the SDK leaves to its owner to close."""

    client: AsyncWorkOSClient
    http: "RetryOnce"


def connect(api_key: str, client_id: str) -> Connected:
    """A client whose calls take 6.25 s at most.

    The SDK's own retries are off: they wait up to 60 s where WorkOS asks for it, and the gateway ends a
    request after 30 s. The address comes from WORKOS_BASE_URL, the SDK's own variable.
    """
    http = RetryOnce()
    client = AsyncWorkOSClient(
        api_key=api_key, client_id=client_id, request_timeout=TIMEOUT, max_retries=0, http_client=http
    )
    return Connected(client, http)


class RetryOnce:
    """The SDK's HTTP backend (workos.AsyncHTTPBackend), with one retry where it cannot do a thing twice."""

    def __init__(self) -> None:
        self._http = httpx2.AsyncClient(timeout=None, verify=tls())

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
        request = self._http.build_request(method, url, headers=headers, content=content)
        try:
            response = await self._send(request, within=timeout)
        except TransportConnectError:
            pass  # it never reached WorkOS
        except TransportError:
            if not _is_repeatable(request):
                raise
        else:
            if not _may_pass(request, response):
                return response
        await asyncio.sleep(RETRY_DELAY)
        return await self._send(request, within=timeout)

    async def close(self) -> None:
        await self._http.aclose()

    async def _send(self, request: httpx2.Request, *, within: float) -> HTTPResponse:
        # Each "from None": httpx repeats header values in its errors, and one of them is the API key.
        try:
            async with asyncio.timeout(within):
                response = await self._http.send(request, stream=True)
                content = await _read(response)
        except (TimeoutError, httpx2.TimeoutException):
            raise TransportTimeout("no answer in time") from None
        except httpx2.ConnectError:
            raise TransportConnectError("no connection") from None
        except httpx2.HTTPError:
            raise TransportError("no whole answer") from None
        return HTTPResponse(response.status_code, response.headers, content, request.method, str(request.url))


async def _read(response: httpx2.Response) -> bytes:
    content = bytearray()
    try:
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) > MAX_BYTES:
                raise TransportError("an answer without end")
    finally:
        await response.aclose()
    return _checked(response.status_code, bytes(content))


def _checked(status: int, content: bytes) -> bytes:
    """The SDK takes what is no JSON object for success without a result: a proxy's page must not pass as one."""
    try:
        is_object = not content or isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        is_object = False
    if status >= 400:
        return content if is_object else b"{}"
    if status >= 300 or not is_object:
        raise TransportError("an answer that is not WorkOS's")
    return content


def _is_repeatable(request: httpx2.Request) -> bool:
    """Whether doing it twice does it once (RFC 9110 section 9.2.2), deletions apart: the second would be a 404.

    Of POSTs, WorkOS documents its Idempotency-Key for audit log events alone.
    """
    return request.method in {"GET", "HEAD", "PUT"} or request.url.path == "/audit_logs/events"


def _may_pass(request: httpx2.Request, response: HTTPResponse) -> bool:
    """Whether a moment helps. Where WorkOS names a wait, the caller is told instead of kept waiting."""
    if response.headers.get("retry-after", "0") != "0":
        return False
    return response.status_code == 429 or (
        response.status_code in {500, 502, 503, 504} and _is_repeatable(request)
    )
