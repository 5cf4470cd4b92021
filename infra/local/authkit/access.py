"""Limit who may call the stand-in: this machine, and web pages where AuthKit allows them too."""

import re

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.local.authkit.redirect_uris import LOOPBACK_HOSTS

HOST = re.compile(r"(?:\[(?P<ipv6>[0-9a-f:]+)\]|(?P<name>[a-z0-9.-]+))(?::[0-9]{1,5})?")
OPEN_PATHS = frozenset(
    {
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/oauth2/jwks",
        "/oauth2/register",
        "/oauth2/token",
        "/oauth2/userinfo",
    }
)


class LoopbackOnly:
    """Refuse requests under another host name: they come from DNS rebinding, a web page that became "local"."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _host(Headers(scope=scope).getlist("host")) not in LOOPBACK_HOSTS:
            refusal = {"error": "forbidden_host", "error_description": "Use 127.0.0.1 or localhost."}
            await JSONResponse(refusal, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BrowserAccess:
    """Add CORS headers to the endpoints that a client in a browser calls, and to no others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["WWW-Authenticate"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = scope["type"] == "http" and scope["path"] in OPEN_PATHS
        await (self._open if is_open else self._app)(scope, receive, send)


def _host(values: list[str]) -> str | None:
    """The host without its port; None unless there is exactly one valid Host header."""
    found = HOST.fullmatch(values[0].lower()) if len(values) == 1 else None
    return (found["name"] or found["ipv6"]) if found else None
