"""The composition root: settings in, FastAPI application out. The only file that knows every room."""

import logging
import time
from collections.abc import Callable
from types import ModuleType
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response

from app import tools as shipped_tools
from app.auth import Session
from app.auth.bearer import RequireSession
from app.auth.browser import PUBLIC_DOCUMENT, AllowedOrigins
from app.auth.challenge import Challenge
from app.auth.discovery import (
    AUTHORIZATION_SERVER_PATH,
    PROTECTED_RESOURCE_PATH,
    AuthorizationServerMirror,
    protected_resource_metadata,
)
from app.auth.fetch import Fetch, fetch
from app.auth.jwks import SigningKeys
from app.auth.refusals import Refusal
from app.auth.verifier import TokenRules, Verifier
from app.catalogue import collect_tools
from app.dispatch import Dispatcher
from app.protocol.server import create_server
from app.record import caller_ids
from app.settings import Settings

logger = logging.getLogger(__name__)

_EVERY_METHOD = ["POST", "GET", "HEAD", "PUT", "PATCH", "DELETE"]


def create_app(
    settings: Settings,
    *,
    tools: ModuleType = shipped_tools,
    fetch: Fetch = fetch,
    clock: Callable[[], float] = time.time,
) -> FastAPI:
    """Compose the server. Nothing is fetched here; `fetch` and `clock` are replaceable.

    Raises:
        CatalogueError: for a file in `tools` that cannot be served.
    """
    # No OpenAPI: its routes would be open, and nothing reads them.
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    origins = AllowedOrigins(settings.allowed_origins)
    server = create_server(
        collect_tools(tools), resource=settings.resource, request_state_keys=settings.request_state_keys
    )
    _add_mcp_route(app, origins, _require_session(settings, fetch, clock), Dispatcher(server))
    _add_discovery_routes(app, settings, AuthorizationServerMirror(settings.issuer, fetch, clock))
    _add_refusals(app, origins, _challenge(settings))
    app.add_api_route("/healthz", _healthy, methods=["GET", "HEAD"])
    return app


def _require_session(settings: Settings, fetch: Fetch, clock: Callable[[], float]) -> RequireSession:
    rules = TokenRules(
        issuer=settings.issuer,
        resource=settings.resource,
        client_id=settings.client_id,
        audience=settings.token_audience,
        allow_machines=settings.allow_machine_tokens,
    )
    keys = SigningKeys(f"{settings.issuer}/oauth2/jwks", fetch, clock)
    return RequireSession(
        Verifier(rules, keys, clock),
        scopes=settings.required_scopes,
        organization=settings.require_organization,
    )


def _challenge(settings: Settings) -> Challenge:
    # RFC 9728 section 3.1: the resource's path comes behind the well-known one.
    return Challenge(f"{settings.base_url}{PROTECTED_RESOURCE_PATH}/mcp", settings.required_scopes)


def _add_mcp_route(
    app: FastAPI, origins: AllowedOrigins, require_session: RequireSession, dispatcher: Dispatcher
) -> None:
    async def mcp(request: Request, session: Annotated[Session, Depends(require_session)]) -> Response:
        if request.method != "POST":
            # No stream to open and no session to end: said at once, a GET must never hang.
            return origins.stamp(request, Response(status_code=405, headers={"allow": "POST"}))
        return origins.stamp(request, await dispatcher.exchange(request, session))

    for path in ("/mcp", "/mcp/"):
        app.add_api_route(path, origins.preflight, methods=["OPTIONS"], response_model=None)
        app.add_api_route(
            path, mcp, methods=_EVERY_METHOD, dependencies=[Depends(origins.require)], response_model=None
        )


def _add_discovery_routes(app: FastAPI, settings: Settings, mirror: AuthorizationServerMirror) -> None:
    metadata = protected_resource_metadata(
        resource=settings.resource,
        issuer=settings.issuer,
        scopes=settings.required_scopes,
        docs_url=settings.docs_url,
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


def _add_refusals(app: FastAPI, origins: AllowedOrigins, challenge: Challenge) -> None:
    async def refuse(request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)  # noqa: S101 - the registration below says so
        who = caller_ids(refusal.session) if refusal.session else {}
        logger.warning(
            "refused",
            extra={**who, "reason": refusal.reason.value, "detail": refusal.detail, "status": refusal.status},
        )
        return origins.stamp(request, challenge.answer(refusal))

    async def fail(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": "internal_error"}, 500)

    app.add_exception_handler(Refusal, refuse)
    app.add_exception_handler(Exception, fail)


async def _healthy() -> dict[str, str]:
    return {"status": "ok"}
