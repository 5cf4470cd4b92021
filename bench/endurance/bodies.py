"""Bodies that are no request: notifications, responses, and what is hostile or broken."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.endurance.expected import NOTHING, Expected
from tests.rig import MODERN, message


@dataclass(frozen=True, slots=True)
class Body:
    name: str
    bodies: tuple[Any, ...]
    """One of them is sent."""
    modern: Expected
    before: Expected
    headers: Mapping[str, str] | None = None
    """Instead of the era's own."""
    methods: tuple[str, ...] = ("POST",)
    weight: float = 2


_ACCEPTED, _NO_JSON, _NO_REQUEST = Expected(202, NOTHING), Expected(400, -32700), Expected(400, -32600)
_LARGE, _NO_METHOD = Expected(413, -32600), Expected(405, NOTHING)
_TOLD = {"jsonrpc": "2.0", "method": "notifications/initialized", "params": {}}
_CANCELLED = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
_ANSWER = {"jsonrpc": "2.0", "id": 1, "result": {}}
_REQUEST = message("tools/list", {}, MODERN)[1]

BODIES = (
    Body("a notification", (_TOLD, _CANCELLED), _ACCEPTED, _ACCEPTED, weight=8),
    Body("a notification of a version that nobody knows", (_TOLD,), Expected(400, -32022), Expected(400, -32022),
         {"mcp-protocol-version": "2099-01-01"}),
    Body("a response", (_ANSWER, {"jsonrpc": "2.0", "id": "a", "error": {"code": 1}}), _NO_REQUEST, _ACCEPTED),
    Body("no JSON", ("", "{", "hello", b"\xff\xfe{}", b"\x00", '{"a":NaN}', "\ufeff{}"), _NO_JSON, _NO_JSON),
    Body("a deep body", ("[" * 100_000, '{"a":' * 50_000), _NO_JSON, _NO_JSON, weight=1),
    Body("a batch", ([], [_REQUEST], [_REQUEST] * 50), _NO_REQUEST, _NO_REQUEST),
    Body("no request", ("1", "null", {}, {**_REQUEST, "jsonrpc": "1.0"}, {**_REQUEST, "id": 1.5},
         {**_REQUEST, "id": None}, {**_REQUEST, "params": []}), _NO_REQUEST, _NO_REQUEST),
    Body("a body that announces 5 MB", (_REQUEST,), _LARGE, _LARGE, {"content-length": "5000000"}),
    Body("a body of 5 MB", (b"[" + b" " * 5_000_000 + b"]",), _LARGE, _LARGE, weight=0.05),
    Body("another HTTP method", (None, _REQUEST), _NO_METHOD, _NO_METHOD,
         methods=("GET", "HEAD", "DELETE", "PUT", "PATCH"), weight=4),
)  # fmt: skip
