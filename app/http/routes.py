"""The routes, and how a refusal becomes an answer on all of them."""

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.telemetry import TelemetryConfig

from app.audit.caller import caller_ids
from app.auth.bearer import RequireSession
from app.auth.challenge import Challenge
from app.auth.refusals import Reason, Refusal
from app.auth.session import Session
from app.http.browser import PUBLIC_DOCUMENT, AllowedOrigins
from app.http.discovery import (
    AUTHORIZATION_SERVER_PATH,
    PROTECTED_RESOURCE_PATH,
    AuthorizationServerMirror,
    protected_resource_metadata,
)
from app.http.exchange import Dispatcher
from app.http.mcp_route import Refuse, mcp_route
from app.settings import Settings

logger = logging.getLogger(__name__)

MCP_PATHS = ("/mcp", "/mcp/")
_EVERY_METHOD = ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE"]


def bare_app(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    """Without OpenAPI, whose routes would be open and which nothing reads; without FastAPI's telemetry, which it
    would look for on every request and which nothing here exports."""
    telemetry: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
    return FastAPI(openapi_url=None, redirect_slashes=False, lifespan=lifespan, telemetry=telemetry)


def add_mcp_route(
    app: FastAPI,
    origins: AllowedOrigins,
    require_session: RequireSession,
    dispatcher: Dispatcher,
    refuse: Refuse,
) -> None:
    async def caller(request: Request) -> Session:
        # Before the token is looked at. One dependency for both: FastAPI's work for each is that of a small call.
        origins.require(request)
        return await require_session(request)

    async def mcp(request: Request, session: Annotated[Session, Depends(caller)]) -> Response:
        if request.method != "POST":
            # No stream to open and no session to end: said at once, a GET must never hang.
            return origins.stamp(request, Response(status_code=405, headers={"allow": "POST"}))
        return origins.stamp(request, await dispatcher.exchange(request, session))

    route = mcp_route(refuse)
    for path in MCP_PATHS:
        app.router.add_api_route(path, mcp, methods=_EVERY_METHOD, response_model=None, route_class_override=route)
        app.add_api_route(path, origins.preflight, methods=["OPTIONS"], response_model=None)


def add_discovery_routes(
    app: FastAPI, settings: Settings, scopes: tuple[str, ...], mirror: AuthorizationServerMirror
) -> None:
    """The well-known documents; `scopes` are those that anything in the catalogue asks for."""
    metadata = protected_resource_metadata(
        resource=settings.resource,
        issuer=settings.issuer,
        scopes=tuple(dict.fromkeys((*settings.required_scopes, *scopes))),
        docs_url=settings.docs_url,
        advertise_offline_access=settings.advertise_offline_access,
    )

    async def protected_resource() -> Response:
        return _document(metadata, max_age=3600)

    async def authorization_server() -> Response:
        return _document(await mirror.document(), max_age=60)

    async def preflight() -> Response:
        return Response(status_code=204, headers=PUBLIC_DOCUMENT)

    for suffix in ("", "/mcp"):
        app.add_api_route(PROTECTED_RESOURCE_PATH + suffix, protected_resource, methods=["GET", "HEAD"])
        app.add_api_route(AUTHORIZATION_SERVER_PATH + suffix, authorization_server, methods=["GET", "HEAD"])
        for path in (PROTECTED_RESOURCE_PATH, AUTHORIZATION_SERVER_PATH):
            app.add_api_route(path + suffix, preflight, methods=["OPTIONS"])


def _document(content: bytes, *, max_age: int) -> Response:
    headers = {**PUBLIC_DOCUMENT, "cache-control": f"public, max-age={max_age}"}
    return Response(content, media_type="application/json", headers=headers)


def refuser(origins: AllowedOrigins, challenge: Challenge) -> Refuse:
    """What answers a refusal, wherever it is raised."""

    async def refuse(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)  # noqa: S101 - its registrations say so
        who = caller_ids(refusal.session) if refusal.session else {}
        logger.log(
            # Without a token every login begins: nothing to warn of.
            logging.INFO if refusal.reason is Reason.NO_TOKEN else logging.WARNING,
            "refused",
            extra={**who, "reason": refusal.reason.value, "detail": refusal.detail, "status": refusal.status},
        )
        return origins.stamp(request, challenge.answer(refusal))

    return refuse


def add_refusals(app: FastAPI, origins: AllowedOrigins, refuse: Refuse) -> None:
    async def fail(request: Request, error: Exception) -> Response:
        return origins.stamp(request, JSONResponse({"error": "internal_error"}, 500))

    async def method(request: Request, error: Exception) -> Response:
        # A method that no route has, such as PROPFIND. The path is the event's: a URL would be made of the Host
        # and X-Forwarded-Proto, which may be anything.
        allowed = "POST" if request.scope["path"] in MCP_PATHS else "GET, HEAD, OPTIONS"
        return JSONResponse({"detail": "Method Not Allowed"}, 405, {"allow": allowed})

    app.add_exception_handler(Refusal, refuse)
    app.add_exception_handler(Exception, fail)
    app.add_exception_handler(405, method)


def add_health_route(app: FastAPI) -> None:
    """/healthz, which touches nothing."""

    async def healthy() -> dict[str, str]:
        return {"status": "ok"}

    # No model: what FastAPI would look at for one takes longer than all the routes.
    app.add_api_route("/healthz", healthy, methods=["GET", "HEAD"], response_model=None)
