"""The JSON-RPC envelope: bytes in, one request or notification out."""

import json
from typing import Any, NoReturn, TypeGuard

from fastapi import Request
from mcp_types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    RequestId,
)

from app.protocol.wire.bounds import BoundExceeded, JsonAllowance, NestedTooDeep, require_small_envelope
from app.protocol.wire.called import Called

MAX_BODY_BYTES = 4 * 1024 * 1024
"""The SDK's own limit for a request body."""


class MessageRejected(Exception):
    """The POST is answered with a JSON-RPC error and this HTTP status; nothing was called."""

    def __init__(
        self, status: int, error: ErrorData, request_id: RequestId | None = None, *, retry_after: int | None = None
    ) -> None:
        super().__init__(error.message)
        self.retry_after = retry_after
        self.status = status
        self.error = error
        self.request_id = request_id


async def read_message(request: Request) -> dict[str, Any]:
    """The one JSON object of the body.

    Raises:
        MessageRejected: 413 for a body over a limit, 400 for anything that is not one JSON object.
    """
    body = await _body(request)
    try:
        JsonAllowance().take(body)
        message = _JSON.decode(body.decode())
    except NestedTooDeep as exceeded:  # RFC 8259 section 9: a parser may limit the depth
        raise _rejected(400, PARSE_ERROR, f"The body is not read: {exceeded}") from None
    except BoundExceeded as exceeded:
        raise _rejected(413, INVALID_REQUEST, f"The body is too large: {exceeded}") from None
    except (ValueError, RecursionError):  # RecursionError: deeper nesting than the parser follows
        raise _rejected(400, PARSE_ERROR, "The body is not JSON") from None
    if not isinstance(message, dict):
        raise _rejected(400, INVALID_REQUEST, "The body must be a single JSON-RPC request or notification object")
    return message


async def _body(request: Request) -> bytes:
    """What is over the limit is not waited for."""
    if _announced_length(request) > MAX_BODY_BYTES:
        raise _too_large()
    parts, left = [], MAX_BODY_BYTES
    async for part in request.stream():
        parts.append(part)
        left -= len(part)
        if left < 0:
            raise _too_large()
    return b"".join(parts)


def _too_large() -> MessageRejected:
    return _rejected(413, INVALID_REQUEST, f"The body is larger than {MAX_BODY_BYTES} bytes")


def request_of(message: dict[str, Any]) -> Called:
    """The message as a request.

    Raises:
        MessageRejected: 400 for an object that is no JSON-RPC 2.0 request, 413 for one with too large params.
    """
    request_id, method, params = message.get("id"), message.get("method"), message.get("params")
    is_request = message.get("jsonrpc") == "2.0" and isinstance(method, str)
    if is_request and _is_id(request_id) and (params is None or isinstance(params, dict)):
        try:
            require_small_envelope(str(method), params)
        except BoundExceeded as exceeded:
            raise _rejected(413, INVALID_REQUEST, f"The request is too large: {exceeded}", request_id) from None
        return Called(request_id, str(method), params)
    raise _rejected(
        400, INVALID_REQUEST, "A JSON-RPC 2.0 request has jsonrpc, a string or integer id, and a method"
    )


def _is_id(value: object) -> TypeGuard[RequestId]:
    # A boolean is an int to Python and no id to JSON-RPC.
    return isinstance(value, str | int) and not isinstance(value, bool)


def is_notification(message: dict[str, Any]) -> bool:
    """JSON-RPC 2.0 section 4.1: a request object without an id member."""
    return "id" not in message and message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)


def is_response(message: dict[str, Any]) -> bool:
    """A client of the 2025 era may post one; nothing here ever waits for it."""
    return "id" in message and "method" not in message and ("result" in message or "error" in message)


def _announced_length(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")  # json.loads reads NaN and Infinity, RFC 8259 has neither


_JSON = json.JSONDecoder(parse_constant=_no_constant)


def _rejected(status: int, code: int, message: str, request_id: RequestId | None = None) -> MessageRejected:
    return MessageRejected(status, ErrorData(code=code, message=message), request_id)
