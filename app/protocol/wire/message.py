"""The JSON-RPC envelope: the bytes of a body become one request, one notification or one response."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeGuard

from mcp_types import INVALID_REQUEST, PARSE_ERROR, ErrorData, RequestId

from app.protocol.wire.bounds import BoundExceeded, JsonAllowance, NestedTooDeep, require_small_envelope

_NOUNS = {
    "tools/call": "tool",
    "prompts/get": "prompt",
    "resources/read": "resource",
    "completion/complete": "completion",
}


@dataclass(frozen=True, slots=True)
class RpcRequest:
    """A JSON-RPC request whose envelope has been checked."""

    id: RequestId
    method: str
    params: dict[str, Any] | None = None

    @property
    def is_tool_call(self) -> bool:
        return self.method == "tools/call"

    @property
    def noun(self) -> str:
        """What texts for the caller name it, such as "tool"."""
        return _NOUNS.get(self.method, "request")

    @property
    def meta(self) -> Mapping[str, Any]:
        """`_meta` of the params; empty where the caller sent none, or something that is not an object."""
        meta = (self.params or {}).get("_meta")
        return meta if isinstance(meta, dict) else {}

    def find_tool(self, tools: Collection[str]) -> str | None:
        """The tool that is called, if it is one of these; None otherwise: that name is the caller's own text."""
        name = (self.params or {}).get("name")
        return name if self.is_tool_call and isinstance(name, str) and name in tools else None


class MessageRejected(Exception):
    """The POST is answered with a JSON-RPC error and this HTTP status. Nothing was called."""

    def __init__(
        self,
        status: int,
        error: ErrorData,
        request_id: RequestId | None = None,
        *,
        request: RpcRequest | None = None,
        retry_after: int | None = None,
    ) -> None:
        """`request` is what was asked for, if so much could be read; `retry_after` is in seconds."""
        super().__init__(error.message)
        self.status = status
        self.error = error
        self.request = request
        self.request_id = request.id if request else request_id
        self.retry_after = retry_after


def parse_message(body: bytes) -> dict[str, Any]:
    """The one JSON object of the body.

    Raises:
        MessageRejected: 413 for JSON over a bound (bounds.py), 400 for anything that is not one JSON object.
    """
    try:
        JsonAllowance().take(body)
        message = _JSON.decode(body.decode())
    except NestedTooDeep as exceeded:  # RFC 8259 section 9: a parser may limit the depth
        raise _reject(400, PARSE_ERROR, f"The body is not read: {exceeded}") from None
    except BoundExceeded as exceeded:
        raise _reject(413, INVALID_REQUEST, f"The body is too large: {exceeded}") from None
    except (ValueError, RecursionError):  # RecursionError: deeper nesting than the parser follows
        raise _reject(400, PARSE_ERROR, "The body is not JSON") from None
    if not isinstance(message, dict):
        raise _reject(400, INVALID_REQUEST, "The body must be a single JSON-RPC request or notification object")
    return message


def check_request(message: Mapping[str, Any]) -> RpcRequest:
    """The message as a request (JSON-RPC 2.0 section 4).

    Raises:
        MessageRejected: 400 for an object that is not a JSON-RPC 2.0 request, 413 for one with too large params.
    """
    request_id, method, params = message.get("id"), message.get("method"), message.get("params")
    is_request = message.get("jsonrpc") == "2.0" and isinstance(method, str)
    if is_request and _is_id(request_id) and (params is None or isinstance(params, dict)):
        try:
            require_small_envelope(str(method), params)
        except BoundExceeded as exceeded:
            raise _reject(413, INVALID_REQUEST, f"The request is too large: {exceeded}", request_id) from None
        return RpcRequest(request_id, str(method), params)
    raise _reject(400, INVALID_REQUEST, "A JSON-RPC 2.0 request has jsonrpc, a string or integer id, and a method")


def is_notification(message: Mapping[str, Any]) -> bool:
    """JSON-RPC 2.0 section 4.1: a request object without an id member."""
    return "id" not in message and message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)


def is_response(message: Mapping[str, Any]) -> bool:
    """A client of the 2025 era may post a response. This server sends no request that it could answer."""
    return "id" in message and "method" not in message and ("result" in message or "error" in message)


def _is_id(value: object) -> TypeGuard[RequestId]:
    # A boolean is an int to Python, but JSON-RPC allows only texts and numbers.
    return isinstance(value, str | int) and not isinstance(value, bool)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")  # json.loads reads NaN and Infinity, RFC 8259 has neither


_JSON = json.JSONDecoder(parse_constant=_refuse_constant)


def _reject(status: int, code: int, message: str, request_id: RequestId | None = None) -> MessageRejected:
    return MessageRejected(status, ErrorData(code=code, message=message), request_id)
