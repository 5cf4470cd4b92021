"""Read the TLS certificate of an origin: whether this machine trusts it, and until when."""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Certificate:
    expires_at: float | None = None
    problem: str = ""
    """Why this machine does not trust it; empty if it does."""


async def read_certificate(origin: str, trust: ssl.SSLContext, patience: float) -> Certificate | None:
    """Read the certificate; None if the origin has no TLS or does not answer."""
    parts = urlsplit(origin)
    if parts.scheme != "https":
        return None
    try:
        async with asyncio.timeout(patience):
            return await _handshake(parts.hostname or "", parts.port or 443, trust)
    except ssl.SSLCertVerificationError as error:
        return Certificate(problem=error.verify_message)
    except ssl.SSLError as error:
        return Certificate(problem=error.reason or "no TLS")
    except (TimeoutError, OSError):
        return None


async def _handshake(host: str, port: int, trust: ssl.SSLContext) -> Certificate:
    _, writer = await asyncio.open_connection(host, port, ssl=trust, server_hostname=host)
    try:
        found = writer.get_extra_info("peercert") or {}
        return Certificate(expires_at=float(ssl.cert_time_to_seconds(found["notAfter"])))
    finally:
        # Do not wait for the other side to close: it may never do so.
        writer.transport.abort()
