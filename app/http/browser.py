"""What browsers need: the Origin check before anything else, and CORS."""

from fastapi import Request
from fastapi.responses import Response

from app.auth.refusals import OriginRefused

_PREFLIGHT = {
    "access-control-allow-methods": "POST, GET, DELETE",
    "access-control-allow-headers": (
        "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, "
        "last-event-id, *"
    ),
    "access-control-max-age": "7200",
}
# A page may read the challenge in either name; API Gateway may rename it on the way.
_EXPOSED = (
    "www-authenticate, x-amzn-remapped-www-authenticate, retry-after, ratelimit, ratelimit-policy, mcp-session-id"
)

PUBLIC_DOCUMENT = {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}
"""Headers of the well-known documents: they are public and the same for everyone."""


class AllowedOrigins:
    """The browser origins of ALLOWED_ORIGINS, compared exactly. Requests without Origin are no browser's."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = origins

    def require(self, request: Request) -> None:
        """Before the token is looked at.

        Raises:
            OriginRefused: `Origin` is present and not allowed (MCP 2026-07-28, transports, security).
        """
        if any(origin not in self._origins for origin in request.headers.getlist("origin")):
            raise OriginRefused

    async def preflight(self, request: Request) -> Response:
        """Answer OPTIONS before any authentication: a browser sends no token with it."""
        response = Response(status_code=204)
        self.stamp(request, response)
        if "access-control-allow-origin" in response.headers:
            response.headers.update(_PREFLIGHT)
        return response

    def stamp(self, request: Request, response: Response) -> Response:
        """Let an allowed page read the answer, and tell caches that it depends on Origin."""
        response.headers.setdefault("cache-control", "no-store")
        if not self._origins:
            return response
        response.headers["vary"] = "Origin"
        origin = request.headers.get("origin", "")
        if origin in self._origins:
            response.headers["access-control-allow-origin"] = origin
            response.headers["access-control-expose-headers"] = _EXPOSED
        return response
