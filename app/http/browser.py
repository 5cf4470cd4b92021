"""What browsers need: the Origin check, which comes before everything else, CORS headers, and pages for people."""

import re

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import Headers
from starlette.routing import Match, Route
from starlette.types import Scope

from app.auth.refusals import OriginRefused

_PREFLIGHT_HEADERS = {
    "access-control-allow-methods": "POST, GET, DELETE",
    "access-control-allow-headers": (
        "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, "
        "last-event-id, *"
    ),
    "access-control-max-age": "7200",
}
# API Gateway may rename WWW-Authenticate on the way, so a page may read the challenge under both names.
_EXPOSED_HEADERS = (
    "www-authenticate, x-amzn-remapped-www-authenticate, retry-after, ratelimit, ratelimit-policy, mcp-session-id"
)

# RFC 9110 section 12.4.2: at most three digits behind the point, and never more than 1.
_WEIGHT = re.compile(r"q\s*=\s*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII)
MAX_ACCEPT_CHARACTERS = 1000
"""A longer `Accept` is not read: browsers send about 150 characters."""

PUBLIC_DOCUMENT_HEADERS = {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}
"""CORS headers of the well-known documents: those are public and the same for everyone."""


class AllowedOrigins:
    """The browser origins of ALLOWED_ORIGINS, compared exactly. A request without Origin comes from no browser."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = origins

    async def require_allowed(self, request: Request) -> None:
        """Refuse other origins; the route calls this before the token is read.

        Raises:
            OriginRefused: `Origin` is present and not allowed (MCP 2026-07-28, transports, security).
        """
        if any(origin not in self._origins for origin in request.headers.getlist("origin")):
            raise OriginRefused

    async def answer_preflight(self, request: Request) -> Response:
        """Answer OPTIONS before any authentication: a browser sends no token with it."""
        response = Response(status_code=204)
        self.add_cors_headers(request, response)
        if "access-control-allow-origin" in response.headers:
            response.headers.update(_PREFLIGHT_HEADERS)
        return response

    def add_cors_headers(self, request: Request, response: Response) -> Response:
        """Let an allowed page read the answer, and tell caches that it depends on Origin."""
        response.headers.setdefault("cache-control", "no-store")
        if not self._origins:
            return response
        response.headers["vary"] = "Origin"
        origin = request.headers.get("origin", "")
        if origin in self._origins:
            response.headers["access-control-allow-origin"] = origin
            response.headers["access-control-expose-headers"] = _EXPOSED_HEADERS
        return response


class BrowserRoute(Route):
    """A page for a person's browser. To all other requests, and to those with a token, it does not exist."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a GET or HEAD whose sender prefers HTML and has no token; later routes answer the others."""
        # MCP calls are POSTs: they pass here on their way, so the method is looked at first.
        if scope.get("method") not in ("GET", "HEAD"):
            return Match.NONE, {}
        headers = Headers(scope=scope)
        if "authorization" in headers or not prefers_html(",".join(headers.getlist("accept"))):
            return Match.NONE, {}
        return super().matches(scope)


def prefers_html(accept: str) -> bool:
    """Return whether the sender of this `Accept` wants HTML more than an MCP endpoint's JSON or event stream.

    It must name `text/html`: `*/*` comes from programs. A header that breaks RFC 9110 section 12.5.1 is
    read as one without HTML.
    """
    # A quoted parameter may hold commas. No browser quotes anything here.
    if len(accept) > MAX_ACCEPT_CHARACTERS or '"' in accept:
        return False
    weights: dict[str, float] = {}
    for media_range in accept.lower().split(","):
        name, *parameters = (part.strip() for part in media_range.split(";"))
        weight = _read_weight(parameters)
        if weight is None:
            return False
        weights[name] = max(weight, weights.get(name, 0.0))
    others = [_find_weight(weights, name) for name in ("application/json", "text/event-stream")]
    return weights.get("text/html", 0.0) > max(others)


def _read_weight(parameters: list[str]) -> float | None:
    """Return the weight among the parameters of a media range, 1 without one, and None for a malformed one."""
    weights = [each for each in parameters if each.partition("=")[0].strip() == "q"]
    if not weights:
        return 1.0
    match = _WEIGHT.fullmatch(weights[0])
    return float(match[1]) if match and len(weights) == 1 else None


def _find_weight(weights: dict[str, float], name: str) -> float:
    """Return the weight of the most specific range that covers this media type (RFC 9110 section 12.5.1)."""
    ranges = (name, f"{name.partition('/')[0]}/*", "*/*")
    return next((weights[each] for each in ranges if each in weights), 0.0)
