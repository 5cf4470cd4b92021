"""A JSON-RPC reply: plain JSON, or one SSE body that holds what the call said before it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.responses import Response
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, METHOD_NOT_FOUND, SERVER_INFO_META_KEY, ErrorData, RequestId
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from app.protocol.wire.accept import EVENTS, JSON, takes
from app.protocol.wire.message import MessageRejected

MAX_REPLY_BYTES = 6_291_556 - 8192
"""Lambda's limit for a result, less what headers take."""
MAX_ERROR_BYTES = 64 * 1024

# The second: 2026-07-28, basic/transports/streamable-http, "Receiving Messages".
_SSE = {"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"}


class LimitReached(MCPError):
    """The call itself did not fail: its time or the size of its result did. The message is for the caller."""

    def __init__(self, message: str) -> None:
        super().__init__(code=INTERNAL_ERROR, message=message)


def result_reply(
    request_id: RequestId, result: Mapping[str, Any], said: Sequence[str] = (), accept: str = ""
) -> Response:
    """JSON if nothing was said, SSE if something was; only the form that the client accepts, where it says so.

    `said` are notifications, as JSON. They are left out if there is no room for them.

    Raises:
        LimitReached: the result is larger than Lambda passes on.
    """
    reply = _dump({"jsonrpc": "2.0", "id": request_id, "result": result})
    response = _response(reply, said, accept)
    if said and _size(response) > MAX_REPLY_BYTES:
        response = _response(reply, (), accept)
    if (size := _size(response)) > MAX_REPLY_BYTES:
        raise LimitReached(
            f"The result is {size:,} bytes long and at most {MAX_REPLY_BYTES:,} can be returned (each counted as "
            "it travels, as JSON inside JSON). Nothing of it was returned: ask for less."
        )
    return response


def error_reply(rejected: MessageRejected, said: Sequence[str] = (), accept: str = "") -> Response:
    """A JSON-RPC error; JSON-RPC wants `"id": null` where the request's id is not known."""
    error = rejected.error.model_dump(mode="json", exclude_none=True)
    body = _dump({"jsonrpc": "2.0", "id": rejected.request_id, "error": error})
    if len(body) > MAX_ERROR_BYTES:  # an id of megabytes: no client waits for that one
        body = _dump({"jsonrpc": "2.0", "id": None, "error": error})
    if rejected.status == 200:
        return _response(body, said, accept)
    # A stream is a 200.
    headers = {"retry-after": str(rejected.retry_after)} if rejected.retry_after else None
    return Response(body, rejected.status, headers, media_type=JSON)


def failed_call(message: str, stamp: Mapping[str, Any] | None) -> dict[str, Any]:
    """The result of a tool call that no handler could make; `stamp` is what 2026-07-28 has results say of the
    server, None in the era before."""
    result: dict[str, Any] = {"content": [{"type": "text", "text": message}], "isError": True}
    if stamp is None:
        return result
    return {**result, "resultType": "complete", "_meta": {SERVER_INFO_META_KEY: stamp}}


def without_callers_text(error: ErrorData) -> ErrorData:
    """The SDK repeats an unknown method's name, which is the caller's own text."""
    return ErrorData(code=error.code, message=error.message) if error.code == METHOD_NOT_FOUND else error


def _response(reply: str, said: Sequence[str], accept: str) -> Response:
    # A client that takes neither gets JSON all the same, as RFC 9110 section 12.5.1 allows.
    if (said or not takes(accept, JSON)) and takes(accept, EVENTS):
        frames = "".join(f"event: message\r\ndata: {_one_line(each)}\r\n\r\n" for each in [*said, reply])
        return Response(frames, media_type=EVENTS, headers=_SSE)
    return Response(reply, media_type=JSON)


def _one_line(message: str) -> str:
    """Clients are about that break lines wherever Unicode does, and not where SSE does alone."""
    return message if message.isascii() else message.translate(_BREAKS)


_BREAKS = {ord(character): f"\\u{ord(character):04x}" for character in "\x85\u2028\u2029"}


def _size(response: Response) -> int:
    """As Lambda counts it: the body is a JSON string in the function's result, so each quote has two bytes."""
    size = len(response.body)
    # At most six of one: of the character U+007F.
    return len(json.dumps(bytes(response.body).decode())) if size > MAX_REPLY_BYTES // 6 else size


def _dump(value: Mapping[str, Any]) -> str:
    try:
        dumped = to_json(value, inf_nan_mode="constants")
    except PydanticSerializationError:  # a lone surrogate in a caller's text, which ASCII escapes can say
        dumped = b"NaN"
    if b"NaN" in dumped or b"Infinity" in dumped:  # numbers that JSON has no word for, or texts
        return json.dumps(
            to_jsonable_python(value, inf_nan_mode="constants"), separators=(",", ":"), allow_nan=False
        )
    return dumped.decode()
