"""The answer to one POST: plain JSON, or one SSE body that begins with the notifications of the call."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from fastapi.responses import Response
from mcp_types import METHOD_NOT_FOUND, SERVER_INFO_META_KEY, ErrorData, RequestId
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from app.current import Slot
from app.protocol.wire.errors import LimitReached
from app.protocol.wire.message import MessageRejected

MAX_REPLY_BYTES = 6_291_556 - 8192
"""Lambda's limit for a result, less what headers take."""
MAX_ERROR_BYTES = 64 * 1024

_JSON = "application/json"
_EVENTS = "text/event-stream"
# x-accel-buffering: 2026-07-28, basic/transports/streamable-http, "Receiving Messages".
_EVENT_HEADERS = {"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"}
_ZERO_WEIGHT = re.compile(r"q=0(\.0*)?")  # RFC 9110 section 12.4.2: such a media type is not acceptable
_LINE_BREAKS = {ord(character): f"\\u{ord(character):04x}" for character in "\x85\u2028\u2029"}

current_reply_fields: Slot[dict[str, str]] = Slot("reply fields")
"""HTTP fields for the answer of this exchange. `add_reply_fields` writes into it."""


def add_reply_fields(fields: Mapping[str, str]) -> None:
    """Have the answer of the current exchange carry these HTTP fields, whose names are in lower case."""
    current_reply_fields.get().update(fields)


def reply_with_result(
    request_id: RequestId, result: Mapping[str, Any], notifications: Sequence[str] = (), accept: str = ""
) -> Response:
    """JSON without notifications, SSE with them; the one form that the client accepts, if it accepts only one.

    Notifications are JSON texts. They are left out if there is no room for them.

    Raises:
        LimitReached: the result is larger than Lambda passes on.
    """
    reply = _dump({"jsonrpc": "2.0", "id": request_id, "result": result})
    response = _respond(reply, notifications, accept)
    if notifications and _size_in_lambda(response) > MAX_REPLY_BYTES:
        response = _respond(reply, (), accept)
    if (size := _size_in_lambda(response)) > MAX_REPLY_BYTES:
        raise LimitReached(
            f"The result is {size:,} bytes long and at most {MAX_REPLY_BYTES:,} can be returned (each counted as "
            "it travels, as JSON inside JSON). Nothing of it was returned: ask for less."
        )
    return response


def reply_with_error(rejected: MessageRejected, notifications: Sequence[str] = (), accept: str = "") -> Response:
    """A JSON-RPC error, with `"id": null` where the request's id could not be read (JSON-RPC 2.0 section 5)."""
    error = rejected.error.model_dump(mode="json", exclude_none=True)
    body = _dump({"jsonrpc": "2.0", "id": rejected.request_id, "error": error})
    if len(body) > MAX_ERROR_BYTES:  # an id of megabytes: no client waits for that one
        body = _dump({"jsonrpc": "2.0", "id": None, "error": error})
    if rejected.status == 200:
        return _respond(body, notifications, accept)
    # SSE needs the status 200, so notifications are left out here.
    headers = {"retry-after": str(rejected.retry_after)} if rejected.retry_after else None
    return Response(body, rejected.status, headers, media_type=_JSON)


def tool_error(message: str, server_info: Mapping[str, Any] | None) -> dict[str, Any]:
    """The result of a tool call that ran into a limit.

    `server_info` is what results say of the server from 2026-07-28 on; None in the era before.
    """
    result: dict[str, Any] = {"content": [{"type": "text", "text": message}], "isError": True}
    if server_info is None:
        return result
    return {**result, "resultType": "complete", "_meta": {SERVER_INFO_META_KEY: server_info}}


def remove_callers_text(error: ErrorData) -> ErrorData:
    """The same error without its data, where the SDK repeats an unknown method's name there."""
    return ErrorData(code=error.code, message=error.message) if error.code == METHOD_NOT_FOUND else error


@lru_cache(maxsize=32)  # clients of one kind all send the same
def accepts(accept: str, media_type: str) -> bool:
    """Whether the Accept field allows the media type; an empty one allows any (RFC 9110 section 12.5.1)."""
    if not accept.strip():
        return True
    ranges = dict(_media_ranges(accept))
    kind = media_type.partition("/")[0]
    # The most specific range decides: `text/event-stream;q=0, */*` refuses events.
    return next((ranges[name] for name in (media_type, f"{kind}/*", "*/*") if name in ranges), False)


def _media_ranges(accept: str) -> list[tuple[str, bool]]:
    found = []
    for each in accept.lower().split(","):
        name, *parameters = (part.strip() for part in each.split(";"))
        found.append((name, not any(_ZERO_WEIGHT.fullmatch(parameter) for parameter in parameters)))
    return found


def _respond(reply: str, notifications: Sequence[str], accept: str) -> Response:
    # A client that accepts neither form gets JSON nevertheless, as RFC 9110 section 12.5.1 allows.
    if (notifications or not accepts(accept, _JSON)) and accepts(accept, _EVENTS):
        frames = (f"event: message\r\ndata: {_escape_breaks(each)}\r\n\r\n" for each in [*notifications, reply])
        return Response("".join(frames), media_type=_EVENTS, headers=_EVENT_HEADERS)
    return Response(reply, media_type=_JSON)


def _escape_breaks(message: str) -> str:
    """Some clients break lines at Unicode's line separators too, although SSE does not."""
    return message if message.isascii() else message.translate(_LINE_BREAKS)


def _size_in_lambda(response: Response) -> int:
    """Bytes as Lambda counts them: the body is a JSON string in the function's result, so a quote takes two."""
    size = len(response.body)
    # One byte becomes six at most: U+007F.
    return len(json.dumps(bytes(response.body).decode())) if size > MAX_REPLY_BYTES // 6 else size


def _dump(value: Mapping[str, Any]) -> str:
    try:
        dumped = to_json(value, inf_nan_mode="constants")
    except PydanticSerializationError:  # a lone surrogate in a caller's text, which ASCII escapes can write
        dumped = b"NaN"
    if b"NaN" in dumped or b"Infinity" in dumped:  # a number that JSON cannot hold, or a text with these letters
        return json.dumps(
            to_jsonable_python(value, inf_nan_mode="constants"), separators=(",", ":"), allow_nan=False
        )
    return dumped.decode()
