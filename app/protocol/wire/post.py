"""One POST, read in one visit: its message, the era that it belongs to, and the client that sent it."""

from dataclasses import dataclass

from fastapi import Request
from mcp_types import INVALID_REQUEST, ErrorData

from app.protocol.wire.era import Client, Era
from app.protocol.wire.message import (
    MessageRejected,
    RpcRequest,
    check_request,
    is_notification,
    is_response,
    parse_message,
)

MAX_BODY_BYTES = 4 * 1024 * 1024
"""The SDK's own limit for a request body."""


@dataclass(frozen=True, slots=True)
class Post:
    """A POST that asks for something."""

    request: RpcRequest
    era: Era
    client: Client


async def read_post(http_request: Request) -> Post | None:
    """What the POST asks for; None for a notification or a response, which nobody waits to see answered.

    Raises:
        MessageRejected: 413 for a body over a limit, 400 for one that is not a JSON-RPC message or that breaks a
            rule of its protocol version. It carries the request, if so much could be read.
    """
    message, era = parse_message(await read_body(http_request)), Era(http_request)
    if is_notification(message) or (is_response(message) and not era.is_modern):
        era.check_notification()
        return None
    request = check_request(message)
    return Post(request, era, era.check_client(request, message))


async def read_body(http_request: Request) -> bytes:
    """The body, of which nothing over the limit is waited for.

    Raises:
        MessageRejected: 413 for a body over the limit.
    """
    if _announced_length(http_request) > MAX_BODY_BYTES:
        raise _too_large()
    parts, left = [], MAX_BODY_BYTES
    async for part in http_request.stream():
        parts.append(part)
        left -= len(part)
        if left < 0:
            raise _too_large()
    return b"".join(parts)


def _announced_length(http_request: Request) -> int:
    length = http_request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def _too_large() -> MessageRejected:
    message = f"The body is larger than {MAX_BODY_BYTES} bytes"
    return MessageRejected(413, ErrorData(code=INVALID_REQUEST, message=message))
