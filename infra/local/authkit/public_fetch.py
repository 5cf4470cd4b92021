"""Fetch a small document from the public internet only.

The caller chooses the address, so this must prevent server-side request forgery: https only, no redirects,
public addresses only, and the connection uses the same address that was checked, because a second name
lookup could give another one.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import httpx2

MAX_FETCH_SECONDS = 5.0
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address inside of an IPv6 address
MAX_DOCUMENT_BYTES = 5 * 1024  # draft-ietf-oauth-client-id-metadata-document recommends this size

FindAddress = Callable[[str], Awaitable[str]]


class FetchError(Exception):
    """The document was not fetched; the message says why and is for the log only."""


async def fetch_public(
    url: str, find_address: FindAddress | None = None, tls: ssl.SSLContext | None = None
) -> bytes:
    """Fetch the body of a JSON document.

    Raises:
        FetchError: if the address, the answer or the time it took is not acceptable.
    """
    try:
        async with asyncio.timeout(MAX_FETCH_SECONDS):
            address = await (find_address or find_public_address)(url)
            return await _get(url, address, tls)
    except (TimeoutError, httpx2.HTTPError, OSError) as error:
        raise FetchError(type(error).__name__) from error


async def find_public_address(url: str) -> str:
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise FetchError("the host is not on the public internet")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether the address, and any IPv4 address inside of it, is public."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if not parsed.is_global or parsed.is_multicast:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return True
    inner = parsed.ipv4_mapped or parsed.sixtofour
    return parsed not in NAT64 and (inner is None or inner.is_global)


async def _get(url: str, address: str, tls: ssl.SSLContext | None) -> bytes:
    parsed = httpx2.URL(url)
    headers = {"Host": parsed.netloc.decode(), "Accept": "application/json"}
    # The certificate is checked against the name, not the address.
    extensions = {"sni_hostname": parsed.host}
    async with (
        httpx2.AsyncClient(
            trust_env=False, follow_redirects=False, timeout=MAX_FETCH_SECONDS, verify=tls or True
        ) as client,
        client.stream("GET", parsed.copy_with(host=address), headers=headers, extensions=extensions) as response,
    ):
        if response.status_code != 200:
            raise FetchError(f"the answer has status {response.status_code}, not 200")
        return await _bounded(response)


async def _bounded(response: httpx2.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_DOCUMENT_BYTES:
            raise FetchError(f"the document is larger than {MAX_DOCUMENT_BYTES} bytes")
    return bytes(body)
