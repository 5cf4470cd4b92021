"""The composition root: settings in, FastAPI application out. The only file that knows every room."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from types import ModuleType

from fastapi import FastAPI

from app import tools as shipped_tools
from app.auth.bearer import RequireSession
from app.auth.browser import AllowedOrigins
from app.auth.challenge import Challenge
from app.auth.discovery import (
    PROTECTED_RESOURCE_PATH,
    AuthorizationServerMirror,
)
from app.auth.fetch import Fetch, fetch
from app.auth.jwks import SigningKeys
from app.auth.verifier import TokenRules, Verifier
from app.auth.workos import WorkOSAccess
from app.catalogue import collect_tools
from app.dispatch import Dispatcher
from app.keys import Keys
from app.parameters import fetch_parameters
from app.protocol.server import TOOL_SECONDS, create_server
from app.routes import add_discovery_routes, add_health_route, add_mcp_route, add_refusals
from app.secrets import FetchParameters
from app.settings import Settings


def create_app(
    settings: Settings,
    *,
    tools: ModuleType = shipped_tools,
    fetch: Fetch = fetch,
    fetch_parameters: FetchParameters = fetch_parameters,
    clock: Callable[[], float] = time.time,
    tool_seconds: float = TOOL_SECONDS,
) -> FastAPI:
    """Compose the server. Nothing is fetched here; what fetches and the clock are replaceable.

    Raises:
        CatalogueError: for a file in `tools` that cannot be served.
    """
    keys = Keys(settings, fetch_parameters, clock)
    workos = WorkOSAccess(keys.api_key, settings.client_id)
    # No OpenAPI: its routes would be open, and nothing reads them.
    app = FastAPI(openapi_url=None, redirect_slashes=False, lifespan=_closing(workos))
    origins = AllowedOrigins(settings.allowed_origins)
    definitions = collect_tools(tools)
    server = create_server(
        definitions,
        resource=settings.resource,
        request_state_keys=keys.request_state_keys,
        tool_seconds=tool_seconds,
    )
    add_mcp_route(
        app,
        origins,
        _require_session(settings, workos, fetch, clock),
        Dispatcher(server, frozenset(definition.name for definition in definitions)),
    )
    add_discovery_routes(app, settings, AuthorizationServerMirror(settings.issuer, fetch, clock))
    add_refusals(app, origins, _challenge(settings))
    add_health_route(app)
    return app


def _closing(workos: WorkOSAccess) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await workos.close()  # Lambda never says goodbye; other ASGI servers and tests do

    return lifespan


def _require_session(
    settings: Settings, workos: WorkOSAccess, fetch: Fetch, clock: Callable[[], float]
) -> RequireSession:
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
        workos,
        scopes=settings.required_scopes,
        organization=settings.require_organization,
    )


def _challenge(settings: Settings) -> Challenge:
    # RFC 9728 section 3.1: the resource's path comes behind the well-known one.
    return Challenge(f"{settings.base_url}{PROTECTED_RESOURCE_PATH}/mcp", settings.required_scopes)
