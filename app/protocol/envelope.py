"""The JSON-RPC envelope: bytes in, one request or notification out; a reply as JSON or as one SSE body."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from fastapi import Request
from fastapi.responses import Response
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    ErrorData,
    JSONRPCRequest,
    RequestId,
)
from pydantic import ValidationError

MAX_BODY_BYTES = 4 * 1024 * 1024
"""The SDK's own limit for a request body."""

MAX_REPLY_BYTES = 6_291_556 - 8192
"""Lambda's limit for a result, less what headers take."""
MAX_ERROR_BYTES = 64 * 1024

_SSE = {"cache-control": "no-cache, no-transform"}


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
        MessageRejected: 413 for a body over the limit, 400 for anything that is not one JSON object.
    """
    if _announced_length(request) > MAX_BODY_BYTES or len(body := await request.body()) > MAX_BODY_BYTES:
        raise _rejected(413, INVALID_REQUEST, f"The body is larger than {MAX_BODY_BYTES} bytes")
    try:
        message = json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):  # RecursionError: deeper nesting than the parser follows
        raise _rejected(400, PARSE_ERROR, "The body is not JSON") from None
    if not isinstance(message, dict):
        raise _rejected(400, INVALID_REQUEST, "The body must be a single JSON-RPC request or notification object")
    return message


def request_of(message: dict[str, Any]) -> JSONRPCRequest:
    """The message as a request.

    Raises:
        MessageRejected: 400 for an object that is no JSON-RPC 2.0 request.
    """
    try:
        return JSONRPCRequest.model_validate(message)
    except ValidationError:
        raise _rejected(
            400, INVALID_REQUEST, "A JSON-RPC 2.0 request has jsonrpc, a string or integer id, and a method"
        ) from None


def is_notification(message: dict[str, Any]) -> bool:
    """JSON-RPC 2.0 section 4.1: a request object without an id member."""
    return "id" not in message and message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)


def is_response(message: dict[str, Any]) -> bool:
    """A client of the 2025 era may post one; nothing here ever waits for it."""
    return "id" in message and "method" not in message and ("result" in message or "error" in message)


def result_reply(
    request_id: RequestId, result: Mapping[str, Any], notifications: Sequence[Mapping[str, Any]]
) -> Response:
    """Plain JSON; one buffered SSE body if the tool sent notifications, which JSON has no room for.

    Raises:
        MCPError: the reply is larger than Lambda passes on.
    """
    reply = {"jsonrpc": "2.0", "id": request_id, "result": result}
    if not notifications:
        return Response(_fitting(_dump(reply)), media_type="application/json")
    frames = "".join(f"event: message\r\ndata: {_dump(message)}\r\n\r\n" for message in [*notifications, reply])
    return Response(_fitting(frames), media_type="text/event-stream", headers=_SSE)


def error_reply(rejected: MessageRejected) -> Response:
    """A JSON-RPC error; JSON-RPC wants `"id": null` where the request's id is not known."""
    error = rejected.error.model_dump(mode="json", exclude_none=True)
    headers = {"retry-after": str(rejected.retry_after)} if rejected.retry_after else None
    body = _dump({"jsonrpc": "2.0", "id": rejected.request_id, "error": error})
    if len(body) > MAX_ERROR_BYTES:  # an id of megabytes: no client waits for that one
        body = _dump({"jsonrpc": "2.0", "id": None, "error": error})
    return Response(body, rejected.status, headers, media_type="application/json")


def without_callers_text(error: ErrorData) -> ErrorData:
    """The SDK repeats an unknown method's name, which is the caller's own text."""
    return ErrorData(code=error.code, message=error.message) if error.code == METHOD_NOT_FOUND else error


def _fitting(body: str) -> str:
    # As Lambda counts it: the body is a JSON string in the function's result, so each quote has two bytes.
    if len(body) > MAX_REPLY_BYTES // 2 and len(json.dumps(body)) > MAX_REPLY_BYTES:
        raise MCPError(code=INTERNAL_ERROR, message="The result is larger than the 6 MB that can be returned")
    return body


def _announced_length(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")  # json.loads reads NaN and Infinity, RFC 8259 has neither


def _rejected(status: int, code: int, message: str) -> MessageRejected:
    return MessageRejected(status, ErrorData(code=code, message=message))


def _dump(value: Mapping[str, Any]) -> str:
    # ASCII escapes keep a lone surrogate in a caller's text from failing the encoding.
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
