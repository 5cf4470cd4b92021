"""What one request asks for, in words that are this server's own."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from mcp.server.lowlevel.server import Server
from mcp_types import RequestId

_WORDS = {
    "tools/call": "tool",
    "prompts/get": "prompt",
    "resources/read": "resource",
    "completion/complete": "completion",
}


@dataclass(frozen=True, slots=True)
class Called:
    """A JSON-RPC request that was found to be one (`envelope.request_of`)."""

    id: RequestId
    method: str
    params: dict[str, Any] | None = None


def is_tool(called: Called) -> bool:
    return called.method == "tools/call"


def word_of(called: Called) -> str:
    """What it is to its caller."""
    return _WORDS.get(called.method, "request")


def known_method(called: Called, server: Server[Any]) -> str | None:
    """None for the caller's own text."""
    known = called.method == "initialize" or server.get_request_handler(called.method) is not None
    return called.method if known else None


def known_tool(called: Called, tools: Collection[str]) -> str | None:
    """None for the caller's own text."""
    name = (called.params or {}).get("name")
    return name if is_tool(called) and isinstance(name, str) and name in tools else None


def traceparent_of(called: Called) -> object:
    """The client's span, which goes before that of a proxy between (MCP SEP-414)."""
    meta = (called.params or {}).get("_meta")
    return meta.get("traceparent") if isinstance(meta, dict) else None
