"""The WorkOS SDK's client with this function's patience. Imported on the first call that needs WorkOS."""

import asyncio
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
_PASSING = {429, 500, 502, 503, 504}


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
    """The SDK's HTTP backend (workos.AsyncHTTPBackend), with one retry for what may pass by itself.

    The SDK puts the same Idempotency-Key on both attempts of a POST: it cannot happen twice.
    """

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
        request = self._http.build_request(method, url, headers=headers, content=content)
        try:
            response = await self._send(request, within=timeout)
        except TransportError:
            pass
        else:
            if not _may_pass(response):
                return response
        await asyncio.sleep(RETRY_DELAY)
        return await self._send(request, within=timeout)

    async def close(self) -> None:
        await self._http.aclose()

    async def _send(self, request: httpx2.Request, *, within: float) -> HTTPResponse:
        try:
            async with asyncio.timeout(within):
                response = await self._http.send(request)
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise TransportTimeout("no answer in time") from error
        except httpx2.ConnectError as error:
            raise TransportConnectError("no connection") from error
        except httpx2.HTTPError as error:
            raise TransportError("no whole answer") from error
        return HTTPResponse(
            response.status_code, response.headers, response.content, request.method, str(request.url)
        )


def _may_pass(response: HTTPResponse) -> bool:
    """Whether a moment helps. Where WorkOS names a wait, the caller is told instead of kept waiting."""
    return response.status_code in _PASSING and response.headers.get("retry-after", "0") == "0"
