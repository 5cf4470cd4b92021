"""The JSON-RPC envelope: the bytes of a body become one request, one notification or one response.

How much JSON the body holds is counted before it is parsed: parsed, it takes a hundred times the memory. The
memory and the time that parsing and validating take depend on the number of values, on the number of lists and
objects, and on the depth. Bytes say little of that: 4 MiB hold one long text, or two million empty lists.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NoReturn, TypeGuard

from mcp_types import INVALID_REQUEST, PARSE_ERROR, ErrorData, RequestId

MAX_VALUES = 150_000
"""JSON values in one body, such as some megabytes of numbers or short texts."""
MAX_CONTAINERS = 20_000
"""Lists and objects in one body. Each may become a model, or an error for each of a model's fields."""
MAX_DEPTH = 200
"""Levels of lists and objects. Pydantic follows 255, and a result may repeat an argument inside of more levels."""
MAX_ENVELOPE_VALUES = 1_000
"""JSON values in a request besides a tool's arguments. The SDK's models take 18 kB and 64 us for each."""

_STRUCTURE = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
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


class BoundExceeded(ValueError):
    """A body holds more JSON than this server reads; the message says of what, and how much it may hold."""


class NestedTooDeep(BoundExceeded):
    """Lists and objects are nested deeper than this server reads."""

    def __init__(self) -> None:
        super().__init__(f"lists and objects are nested deeper than {MAX_DEPTH} levels")


@dataclass(slots=True)
class JsonAllowance:
    """What the JSON texts of one request may still hold together."""

    values: int = MAX_VALUES
    containers: int = MAX_CONTAINERS

    def take(self, text: bytes) -> None:
        """Count one JSON text, in a time that only depends on its length. For other texts the count means nothing.

        Raises:
            BoundExceeded: it holds more than is left.
        """
        values, containers = _upper_bounds(text)
        if values > self.values or containers > min(self.containers, MAX_DEPTH):
            values, containers = self._count(text)
        self.values -= values
        self.containers -= containers

    def _count(self, text: bytes) -> tuple[int, int]:
        outside = self._remove_texts(text)
        values, containers = _upper_bounds(outside)
        if containers > MAX_DEPTH:
            # Only as far as the allowed number of lists and objects: a text with more is refused below.
            brackets = outside.translate(None, _STRUCTURE)[: 2 * MAX_CONTAINERS]
            if max(accumulate(map(_STEPS.__getitem__, brackets))) > MAX_DEPTH:
                raise NestedTooDeep
        if containers > self.containers:
            raise BoundExceeded(f"there are more than {MAX_CONTAINERS:,} lists and objects")
        if values > self.values:
            raise _refuse_values()
        return values, containers

    def _remove_texts(self, text: bytes) -> bytes:
        """The JSON without its texts, in which commas and brackets are not structure."""
        # JSON has backslashes in texts only. Without these two escapes, every quote begins or ends a text.
        bare = text.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in text else text
        # Each value may be a text and have a name: two texts, so four quotes.
        if bare.count(b'"') > 4 * self.values:
            raise _refuse_values()
        return b"".join(bare.split(b'"')[::2])


def _upper_bounds(text: bytes) -> tuple[int, int]:
    """Values and containers. A value stands at the beginning, after an opening bracket, or after a comma."""
    containers = text.count(b"[") + text.count(b"{")
    return 1 + containers + text.count(b","), containers


def _refuse_values() -> BoundExceeded:
    return BoundExceeded(f"there are more than {MAX_VALUES:,} values")


def require_small_envelope(method: str, params: Any) -> None:
    """Count what the SDK's models validate: all params except a tool's arguments, which have a model of their own.

    Raises:
        BoundExceeded: they hold more values than a client needs for this.
    """
    is_call = method == "tools/call" and isinstance(params, dict)
    waiting = [part for name, part in params.items() if name != "arguments"] if is_call else [params]
    values = len(waiting)
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            part = list(part.values())
        if isinstance(part, list):
            values += len(part)
            if values > MAX_ENVELOPE_VALUES:
                what = "params, a tool's arguments not counted, hold"
                raise BoundExceeded(f"{what} more than {MAX_ENVELOPE_VALUES:,} values")
            waiting += part


def parse_message(body: bytes) -> dict[str, Any]:
    """The one JSON object of the body.

    Raises:
        MessageRejected: 413 for JSON over a bound, 400 for anything that is not one JSON object.
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
