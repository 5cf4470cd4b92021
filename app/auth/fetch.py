"""The one outbound GET of the auth room: bounded in time and size, no redirects."""

import asyncio
import ssl
from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import httpx2

MAX_BYTES = 64 * 1024


class FetchFailed(Exception):
    """The document could not be had; the message is for the log and names no content."""


class Fetch(Protocol):
    """How the room reaches AuthKit; injected, so that tests and other transports can replace it."""

    async def __call__(self, url: str, *, seconds: float) -> bytes:
        """The body of a 200 answer, within `seconds` in total.

        Raises:
            FetchFailed: for anything else.
        """
        ...


async def fetch(url: str, *, seconds: float) -> bytes:
    """GET `url` (see Fetch). The address is a constant of the issuer, so https was settled by the settings."""
    import httpx2  # where the signing keys are at hand, the first call needs none of it

    # Compressed bodies are not asked for: a small one could unpack to any size.
    headers = {"accept-encoding": "identity"}
    try:
        async with (
            asyncio.timeout(seconds),
            httpx2.AsyncClient(timeout=None, verify=_verified(url)) as client,
            client.stream("GET", url, headers=headers) as response,
        ):
            return await _read(response)
    except FetchFailed:
        raise
    except TimeoutError:
        raise FetchFailed(f"no complete answer within {seconds:g} s") from None
    except Exception as error:  # many ways to be no answer, or no URL of a proxy: all of them mean the same
        raise FetchFailed(type(error).__name__) from error


def _verified(url: str) -> ssl.SSLContext:
    # Plain http is for a loopback issuer alone: certificates would be read for nothing. This one trusts none.
    return tls() if url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@cache
def tls() -> ssl.SSLContext:
    """One for all connections: reading the CA certificates takes as long as thirty warm calls."""
    import httpx2

    return httpx2.create_ssl_context()


async def _read(response: "httpx2.Response") -> bytes:
    if response.status_code != 200:
        raise FetchFailed(f"HTTP {response.status_code}")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise FetchFailed("compressed although not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MAX_BYTES:
            raise FetchFailed(f"more than {MAX_BYTES} bytes")
    return bytes(body)
