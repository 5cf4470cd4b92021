"""The one outbound GET of the auth room: bounded in time and size, without redirects."""

import asyncio
import ssl
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import httpx2

MAX_DOCUMENT_BYTES = 64 * 1024


class FetchFailed(Exception):
    """The document could not be fetched or read. The message is for the log and repeats nothing of the answer."""


class Fetch(Protocol):
    """How the room reaches AuthKit. It is injected, so that tests and other transports can replace it."""

    async def __call__(self, url: str, *, seconds: float) -> bytes:
        """Return the body of a 200 answer, within `seconds` in total.

        Raises:
            FetchFailed: for any other answer, and without one.
        """
        ...


async def fetch(url: str, *, seconds: float) -> bytes:
    """GET `url` (see Fetch). The settings already made sure that it is https, or a loopback address."""
    import httpx2  # on first use: with deployed signing keys, the first call of an environment fetches nothing

    # No compressed bodies: a small one could unpack to any size.
    headers = {"accept-encoding": "identity"}
    try:
        async with (
            asyncio.timeout(seconds),
            httpx2.AsyncClient(timeout=None, follow_redirects=False, verify=_choose_tls_context(url)) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            return await _read_body(response)
    except FetchFailed:
        raise
    except TimeoutError:
        raise FetchFailed(f"no complete answer within {seconds:g} s") from None
    except Exception as error:  # httpx2 fails in many ways, such as a proxy variable that is not a URL
        raise FetchFailed(type(error).__name__) from error


def _choose_tls_context(url: str) -> ssl.SSLContext:
    # Plain http goes to a loopback issuer only. This context trusts no certificate, and reading none saves time.
    return create_tls_context() if url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@cache
def create_tls_context() -> ssl.SSLContext:
    """Return the one context for all connections: reading the CA certificates takes as long as 30 warm calls."""
    import httpx2

    return httpx2.create_ssl_context()


async def _read_body(response: "httpx2.Response") -> bytes:
    if response.status_code != 200:
        raise FetchFailed(f"HTTP {response.status_code}")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchFailed("compressed although not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_DOCUMENT_BYTES:
            raise FetchFailed(f"more than {MAX_DOCUMENT_BYTES} bytes")
    return bytes(body)
