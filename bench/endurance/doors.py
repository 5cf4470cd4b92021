"""What needs no token: events of every front door, well-known documents, broken and foreign events."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.endurance.expected import DOCUMENT, NOTHING, Expected
from bench.endurance.refusals import REFUSED
from tests.events import http_api, load_balancer, rest_api

FRONT_DOORS: tuple[Callable[..., dict[str, Any]], ...] = (http_api, http_api, rest_api, load_balancer)
"""Payload 2.0 (as a Function URL sends it, too) as often as the others together."""
PAGE = "https://page.example.com"
"""The strict environment allows this browser origin, the open one none."""


@dataclass(frozen=True, slots=True)
class Door:
    name: str
    events: tuple[Any, ...]
    expected: Expected
    weight: float = 2


def _http(*requests: tuple[str, str], headers: dict[str, str] | None = None) -> tuple[Any, ...]:
    return tuple(door(method, path, headers) for door in FRONT_DOORS[1:] for method, path in requests)


_PRM, _AS = "/.well-known/oauth-protected-resource", "/.well-known/oauth-authorization-server"
_DOCUMENT, _UNREADABLE = Expected(200, DOCUMENT), Expected(400, "invalid_request", None, ("malformed HTTP event",))

DOORS = (
    Door("health", _http(("GET", "/healthz")), _DOCUMENT),
    Door("resource metadata", _http(("GET", _PRM), ("GET", f"{_PRM}/mcp")), _DOCUMENT, 4),
    Door("authorization server metadata", _http(("GET", _AS), ("GET", f"{_AS}/mcp")), _DOCUMENT, 4),
    Door("preflight", _http(("OPTIONS", "/mcp"), ("OPTIONS", "/mcp/")), Expected(204, NOTHING)),
    Door("unknown path", _http(("GET", "/"), ("POST", "/mcpx"), ("GET", "/docs")), Expected(404, DOCUMENT)),
    Door("unknown HTTP method", _http(("PROPFIND", "/mcp"), ("TRACE", "/healthz")), Expected(405, DOCUMENT)),
    Door("foreign origin", _http(("POST", "/mcp"), headers={"origin": "https://evil.example"}), REFUSED["origin"]),
    Door("no HTTP event", ({"source": "aws.events"}, {"Records": []}, {}, [], None, "ping", 1),
         Expected(204, NOTHING)),
    Door("malformed event", ({"requestContext": {}}, {"version": "2.0", "requestContext": {"http": {}}},
         {**http_api(), "headers": None}, {**http_api(), "body": "a", "isBase64Encoded": True},
         http_api(headers={"host": "a:b"}), http_api(headers={"Authorization": "Bearer a", "authorization": "b"})),
         _UNREADABLE),
)  # fmt: skip
