"""The routes, and how a refusal becomes an answer on all of them."""

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.telemetry import TelemetryConfig

from app.audit.record import identify_caller
from app.auth.bearer import BearerAuthentication
from app.auth.challenge import Challenge
from app.auth.refusals import Reason, Refusal
from app.auth.session import Session
from app.authoring import Identity
from app.http.browser import PUBLIC_DOCUMENT_HEADERS, AllowedOrigins, BrowserRoute
from app.http.discovery import (
    AUTHORIZATION_SERVER_PATH,
    PROTECTED_RESOURCE_PATH,
    AuthorizationServerMirror,
    protected_resource_metadata,
)
from app.http.exchange import Dispatcher
from app.settings import Settings

if TYPE_CHECKING:
    from app.http.connected import ConnectedPage
    from app.http.landing import LandingPage

logger = logging.getLogger(__name__)

MCP_PATHS = ("/mcp", "/mcp/")
CONNECTED_PATH = "/connected"
"""Where WorkOS sends a user who has connected an account at another service."""
_ALL_METHODS = ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE"]


def create_empty_app(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    """An application without routes.

    It has no OpenAPI routes: they would be open to everybody, and nothing reads them. FastAPI's telemetry is off:
    it would be looked for on every request, and nothing exports it.
    """
    telemetry: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
    return FastAPI(openapi_url=None, redirect_slashes=False, lifespan=lifespan, telemetry=telemetry)


def add_landing_page(app: FastAPI, settings: Settings, identity: Identity, origins: AllowedOrigins) -> None:
    """Show a page to people who open / or /mcp in a browser, before any token is asked for.

    These routes come before those of `add_mcp_routes`, which answer all other requests.
    """

    @cache
    def render() -> "LandingPage":
        from app.http.landing import LandingPage  # here, because most environments never show it

        return LandingPage.render(settings, identity)

    async def show(request: Request) -> Response:
        await origins.require_allowed(request)
        page = render()
        # A shared cache that ignores Vary must not give the page to an MCP client.
        caches = "public" if request.scope["path"] == "/" else "private"
        headers = {"cache-control": f"{caches}, max-age=300", "vary": "Accept, Authorization"}
        return Response(page.html, media_type="text/html", headers={**page.headers, **headers})

    for path in ("/", *MCP_PATHS):
        app.router.routes.append(BrowserRoute(path, show, methods=["GET", "HEAD"]))


def add_connected_page(app: FastAPI, identity: Identity) -> None:
    """Say that the window may be closed, to users who come back from connecting an account.

    It is public and the same for everybody, so neither a token nor an origin is asked for.
    """

    @cache
    def render() -> "ConnectedPage":
        from app.http.connected import ConnectedPage  # here, because most environments never show it

        return ConnectedPage.render(identity)

    async def show() -> Response:
        page = render()
        return Response(page.html, media_type="text/html", headers=dict(page.headers))

    app.add_api_route(CONNECTED_PATH, show, methods=["GET", "HEAD"], response_model=None)


def add_mcp_routes(
    app: FastAPI, origins: AllowedOrigins, authenticate: BearerAuthentication, dispatcher: Dispatcher
) -> None:
    """Serve /mcp: FastAPI checks the browser's origin first, then the bearer token, and only then calls `mcp`."""

    async def mcp(request: Request, session: Annotated[Session, Depends(authenticate)]) -> Response:
        if request.method != "POST":
            # This server opens no stream and keeps no session to end. Answer at once: a GET must never hang.
            response = Response(status_code=405, headers={"allow": "POST"})
        else:
            response = await dispatcher.answer(request, session)
        return origins.add_cors_headers(request, response)

    # FastAPI runs the dependencies of a route before those of its function's parameters.
    origin_check = [Depends(origins.require_allowed)]
    for path in MCP_PATHS:
        app.add_api_route(path, mcp, methods=_ALL_METHODS, dependencies=origin_check, response_model=None)
        app.add_api_route(path, origins.answer_preflight, methods=["OPTIONS"], response_model=None)


def add_discovery_routes(
    app: FastAPI, settings: Settings, scopes: tuple[str, ...], mirror: AuthorizationServerMirror
) -> None:
    """Serve the well-known documents (RFC 9728, RFC 8414); `scopes` are those that the catalogue asks for."""
    metadata = protected_resource_metadata(
        resource=settings.resource,
        issuer=settings.issuer,
        scopes=tuple(dict.fromkeys((*settings.required_scopes, *scopes))),
        docs_url=settings.docs_url,
        advertise_offline_access=settings.advertise_offline_access,
    )

    async def protected_resource() -> Response:
        return _public_document(metadata, max_age_seconds=3600)

    async def authorization_server() -> Response:
        return _public_document(await mirror.document(), max_age_seconds=60)

    async def preflight() -> Response:
        return Response(status_code=204, headers=PUBLIC_DOCUMENT_HEADERS)

    for suffix in ("", "/mcp"):
        app.add_api_route(PROTECTED_RESOURCE_PATH + suffix, protected_resource, methods=["GET", "HEAD"])
        app.add_api_route(AUTHORIZATION_SERVER_PATH + suffix, authorization_server, methods=["GET", "HEAD"])
        for path in (PROTECTED_RESOURCE_PATH, AUTHORIZATION_SERVER_PATH):
            app.add_api_route(path + suffix, preflight, methods=["OPTIONS"])


def _public_document(content: bytes, *, max_age_seconds: int) -> Response:
    headers = {**PUBLIC_DOCUMENT_HEADERS, "cache-control": f"public, max-age={max_age_seconds}"}
    return Response(content, media_type="application/json", headers=headers)


def add_health_route(app: FastAPI) -> None:
    """Serve /healthz, which uses neither settings nor network."""

    async def healthy() -> dict[str, str]:
        return {"status": "ok"}

    # Without response_model=None FastAPI builds a model for the return type, which takes longer than all routes.
    app.add_api_route("/healthz", healthy, methods=["GET", "HEAD"], response_model=None)


def add_error_answers(app: FastAPI, origins: AllowedOrigins, challenge: Challenge) -> None:
    """Answer refusals, unexpected errors and methods that no route has."""

    async def answer_refusal(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)  # noqa: S101 - it is registered for this class below
        _log_refusal(error)
        return origins.add_cors_headers(request, challenge.answer(error))

    async def answer_failure(request: Request, error: Exception) -> Response:
        return origins.add_cors_headers(request, JSONResponse({"error": "internal_error"}, 500))

    async def answer_unknown_method(request: Request, error: Exception) -> Response:
        # Such as PROPFIND. The path comes from the event: a URL would be built from the headers Host and
        # X-Forwarded-Proto, which the caller may fill with anything.
        allowed = "POST" if request.scope["path"] in MCP_PATHS else "GET, HEAD, OPTIONS"
        return JSONResponse({"detail": "Method Not Allowed"}, 405, {"allow": allowed})

    app.add_exception_handler(Refusal, answer_refusal)
    app.add_exception_handler(Exception, answer_failure)
    app.add_exception_handler(405, answer_unknown_method)


def _log_refusal(refusal: Refusal) -> None:
    # Every login begins with a request without a token, so that is no reason for a warning.
    level = logging.INFO if refusal.reason is Reason.NO_TOKEN else logging.WARNING
    caller = identify_caller(refusal.session) if refusal.session else {}
    said = {"reason": refusal.reason.value, "detail": refusal.detail, "status": refusal.status}
    logger.log(level, "refused", extra={**caller, **said})
