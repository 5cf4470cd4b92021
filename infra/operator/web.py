"""Send one HTTP request, limited in time and size.

The result is always an answer or the reason why there is none.
"""

import asyncio
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

from infra.operator.report import printable

MAX_ANSWER_BYTES = 1024 * 1024
PATIENCE = 10.0
"""Seconds for one whole request. A cold start may take half of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Values by lower-case name."""
    body: bytes
    seconds: float
    received_at: float
    """The time of this machine's clock when the answer was complete, in seconds since 1970."""

    def document(self) -> dict[str, object] | None:
        """The body if it is a JSON object, else None."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    why: str
    asked: bool = True
    """False if no request was sent."""
    timed_out: bool = False

    @property
    def fix(self) -> str:
        """What to do. Without an answer, nothing is known about routes, settings or tokens."""
        if self.timed_out:
            return (
                "run it again, for a cold start is over by then, or wait longer (PATIENCE=30); if it stays so, "
                "look for timeouts in the function's log group"
            )
        return "the connection itself failed: check the host name, its DNS record and the network in between"


Reply = Answer | NoAnswer


class Web:
    def __init__(self, patience: float = PATIENCE, trust: ssl.SSLContext | None = None) -> None:
        self.patience = patience
        self.trust = trust or ssl.create_default_context()

    async def ask(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Reply:
        """Send a request. Redirects are not followed: a client that follows one loses its token."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.patience):
                return await self._exchange(method, url, dict(headers or {}), body, began)
        except TimeoutError:
            return NoAnswer(f"no complete answer within {self.patience:g} s", timed_out=True)
        except (httpx2.LocalProtocolError, httpx2.InvalidURL, ValueError):
            # The text of these exceptions repeats the request, which may contain a token.
            return NoAnswer("the request cannot be written as HTTP")
        except (httpx2.HTTPError, OSError) as error:
            return NoAnswer(printable(str(error)) or type(error).__name__)

    async def _exchange(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, began: float
    ) -> Answer:
        headers = {"accept-encoding": "identity", **headers}
        async with (
            # A proxy that the shell names cannot reach this machine's loopback.
            httpx2.AsyncClient(timeout=None, verify=self.trust, trust_env=not is_loopback(url)) as client,
            client.stream(method, url, headers=headers, content=body) as response,
        ):
            content = bytearray()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > MAX_ANSWER_BYTES:
                    raise OSError(f"the answer has more than {MAX_ANSWER_BYTES} bytes")
            names = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, names, bytes(content), time.monotonic() - began, time.time())


def is_loopback(url: str) -> bool:
    try:
        return httpx2.URL(url).host in ("127.0.0.1", "localhost", "::1")
    except (httpx2.InvalidURL, ValueError):
        return False


def may_send_secrets(url: str) -> bool:
    """Whether a secret may be sent to the URL: https, or this machine itself."""
    return url.startswith("https://") or (url.startswith("http://") and is_loopback(url))
