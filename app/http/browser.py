"""What browsers need: the Origin check, which comes before everything else, and CORS headers."""

from fastapi import Request
from fastapi.responses import Response

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
