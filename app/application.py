"""The composition root: settings in, FastAPI application out. The only file that knows every room."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from fastapi import FastAPI

from app import prompts as own_prompts
from app import resources as own_resources
from app import tools as own_tools
from app.access.lookups import Lookups
from app.audit.audit_log import AuditLog
from app.audit.record import CallMetrics
from app.auth.bearer import BearerAuthentication
from app.auth.challenge import Challenge
from app.auth.fetch import Fetch, fetch
from app.auth.key_snapshot import read_key_file
from app.auth.signing_keys import SigningKeys
from app.auth.verifier import TokenRules, Verifier
from app.authoring import Identity
from app.http.browser import AllowedOrigins
from app.http.discovery import PROTECTED_RESOURCE_PATH, AuthorizationServerMirror
from app.http.exchange import Dispatcher
from app.http.routes import (
    CONNECTED_PATH,
    add_connected_page,
    add_discovery_routes,
    add_error_answers,
    add_health_route,
    add_landing_page,
    add_mcp_routes,
    create_empty_app,
)
from app.identity import IDENTITY
from app.protocol.asking.request_state import RequestState
from app.protocol.catalogue.catalogue import Catalogue, collect_prompts, collect_resources, collect_tools
from app.protocol.serving.guard import Guard
from app.protocol.serving.lists import PAGE_SIZE
from app.protocol.serving.server import create_server
from app.protocol.wire.deadline import MAX_EXCHANGE_SECONDS
from app.runtime.secrets import FetchParameters, SecretSources, ServerSecrets, fetch_parameters
from app.runtime.team_secrets import TeamSecrets
from app.runtime.threads import in_server_thread
from app.settings import Settings, SettingsError
from app.workos.client import WorkOSAccess

if TYPE_CHECKING:
    import httpx2
    from mcp.server.lowlevel import Server

    from app.access.quota import CallTable, Quota
    from app.auth.api_keys import ApiKeys
    from app.protocol.serving.tools import LongWork


Packages: TypeAlias = ModuleType | Sequence[ModuleType]
"""Folders whose files are tools, prompts or resources."""
Connection: TypeAlias = tuple[Callable[[], Any], Callable[[float], Awaitable[None]]]
"""What makes boto3's client for Lambda, and what waits for some seconds."""


def create_app(
    settings: Settings,
    *,
    identity: Identity = IDENTITY,
    tools: Packages = own_tools,
    prompts: Packages = own_prompts,
    resources: Packages = own_resources,
    fetch: Fetch = fetch,
    fetch_parameters: FetchParameters = fetch_parameters,
    variables: Mapping[str, str] = os.environ,
    clock: Callable[[], float] = time.time,
    tool_seconds: float = MAX_EXCHANGE_SECONDS,
    page_size: int = PAGE_SIZE,
    table: "Callable[[str], CallTable] | None" = None,
    engine: "Connection | None" = None,
    workos_transport: "httpx2.AsyncBaseTransport | None" = None,
    provider_transport: "httpx2.AsyncBaseTransport | None" = None,
    extend: "Callable[[Server[Any]], None]" = lambda server: None,
) -> FastAPI:
    """Compose the server. Nothing is fetched yet. Tests replace what fetches, the clock and the variables.

    `variables` may hold secrets of the team: they win over those in SSM.

    With `settings.serve_examples` it also serves what examples/ holds. `extend` gets the MCP SDK's server, for
    methods that no folder offers: every caller may use them.

    Raises:
        CatalogueError: for a file in one of the folders that cannot be served.
        SettingsError: examples are asked for, and this artefact has none.
    """
    secrets = ServerSecrets(find_secret_sources(settings), fetch_parameters, clock)
    team_secrets = TeamSecrets(settings.team_secrets_path, fetch_parameters, clock, variables)
    workos = create_workos(settings, secrets, clock, workos_transport, provider_transport)
    action = settings.audit_log_action
    audit = AuditLog(action, workos.client, clock) if action else None
    deployed = read_key_file(settings.key_file, settings.issuer)
    signing_keys = SigningKeys(f"{settings.issuer}/oauth2/jwks", fetch, clock, deployed)
    ends = [signing_keys.close, *([audit.close] if audit else []), workos.close]
    app = create_empty_app(_close_at_end(*ends))
    app.state.prepare_snapshot = signing_keys.prepare_snapshot if settings.key_file else None
    origins = AllowedOrigins(settings.allowed_origins)
    catalogue = Catalogue(
        collect_tools(*list_packages("tools", tools, settings)),
        collect_prompts(*list_packages("prompts", prompts, settings)),
        collect_resources(*list_packages("resources", resources, settings)),
    )

    request_state = RequestState(secrets.request_state_keys, settings.resource, clock)
    work = None
    if any(each.metadata.background for each in catalogue.tools):
        catalogue, work = _add_work(catalogue, settings, request_state, clock, engine)
    app.state.work = work

    async def check_secrets() -> dict[str, str]:
        return {**await secrets.check(), **await team_secrets.check(catalogue.secret_names)}

    app.state.check_secrets = check_secrets
    server = create_server(
        catalogue,
        identity=identity,
        guard=Guard(settings.required_scopes, clock),
        request_state=request_state,
        page_size=page_size,
        quota=_create_quota(settings, table, clock),
        work=work,
    )
    extend(server)
    # RFC 9728 section 3.1: the resource's path comes behind the well-known one.
    metadata_url = f"{settings.base_url}{PROTECTED_RESOURCE_PATH}/mcp"
    add_connected_page(app, identity)
    if settings.landing_page:
        add_landing_page(app, settings, identity, origins)
    add_mcp_routes(
        app,
        origins,
        _create_authentication(settings, signing_keys, _create_api_keys(settings, workos, clock), clock),
        Dispatcher(
            server,
            catalogue.tool_names,
            CallMetrics(settings.metrics_namespace or identity.name),
            audit,
            tool_seconds,
            workos=workos,
            lookups=Lookups(workos.client, clock),
            team_secrets=team_secrets,
        ),
    )
    mirror = AuthorizationServerMirror(settings.issuer, fetch, clock)
    add_discovery_routes(app, settings, catalogue.scopes, mirror)
    if settings.server_card:
        from app.http.server_card import add_server_card  # here, because few deployments publish a card

        add_server_card(app, settings, identity)
    add_error_answers(app, origins, Challenge(metadata_url, settings.required_scopes))
    add_health_route(app)
    return app


def list_packages(kind: str, given: Packages, settings: Settings) -> Sequence[ModuleType]:
    """The packages of one kind, such as "tools", with those of examples/ if the settings ask for them.

    Raises:
        SettingsError: this artefact has no examples.
    """
    packages = [given] if isinstance(given, ModuleType) else [*given]
    return [*packages, _import_examples(kind)] if settings.serve_examples else packages


def _import_examples(kind: str) -> ModuleType:
    try:
        return import_module(f"examples.{kind}")
    except ModuleNotFoundError as error:
        raise SettingsError(
            "SERVE_EXAMPLES is true, but there is no examples/ beside app/: build with make deploy EXAMPLES=1, or "
            "leave SERVE_EXAMPLES out"
        ) from error


def _close_at_end(*ends: Callable[[], Awaitable[None]]) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        # Other ASGI servers and tests shut down like this; Lambda ends the process without a word.
        for end in ends:
            await end()

    return lifespan


def create_workos(
    settings: Settings,
    secrets: ServerSecrets,
    clock: Callable[[], float],
    transport: "httpx2.AsyncBaseTransport | None",
    provider_transport: "httpx2.AsyncBaseTransport | None",
) -> WorkOSAccess:
    """What asks WorkOS, and the providers of connected accounts, with the API key of the settings."""
    return WorkOSAccess(
        secrets.api_key,
        settings.client_id,
        settings.workos_base_url,
        in_server_thread,
        transport,
        clock=clock,
        connected_url=f"{settings.base_url}{CONNECTED_PATH}",
        provider_transport=provider_transport,
    )


def find_secret_sources(settings: Settings) -> SecretSources:
    """Where the settings say that the server's own secrets are."""
    return SecretSources(
        api_key=settings.api_key,
        api_key_parameter=settings.api_key_parameter,
        request_state_keys=settings.request_state_keys,
        request_state_key_parameter=settings.request_state_key_parameter,
    )


def _create_authentication(
    settings: Settings, keys: SigningKeys, api_keys: "ApiKeys | None", clock: Callable[[], float]
) -> BearerAuthentication:
    rules = TokenRules(
        issuer=settings.issuer,
        resource=settings.resource,
        client_id=settings.client_id,
        audience=settings.token_audience,
        allow_machines=settings.allow_machine_tokens,
    )
    return BearerAuthentication(
        Verifier(rules, keys, clock),
        scopes=settings.required_scopes,
        organization=settings.require_organization,
        api_keys=api_keys,
    )


def _create_api_keys(settings: Settings, workos: WorkOSAccess, clock: Callable[[], float]) -> "ApiKeys | None":
    if not settings.allow_api_keys:
        return None
    from app.auth.api_keys import ApiKeys  # here, because most deployments let no API keys in
    from app.workos.key_validation import KeyValidation

    return ApiKeys(KeyValidation(workos.client), clock, settings.api_key_memory_seconds)


def _create_quota(
    settings: Settings, table: "Callable[[str], CallTable] | None", clock: Callable[[], float]
) -> "Quota | None":
    if settings.quota is None:
        return None
    from app.access.quota import Quota  # here, because most deployments have no quota
    from app.access.quota_table import DynamoTable

    return Quota(settings.quota, (table or DynamoTable)(settings.quota.table), clock)


def _add_work(
    catalogue: Catalogue,
    settings: Settings,
    request_state: RequestState,
    clock: Callable[[], float],
    connection: Connection | None,
) -> "tuple[Catalogue, LongWork]":
    """The catalogue with the tools that belong to background work, and what serves it."""
    file = next(each.file for each in catalogue.tools if each.metadata.background)
    if settings.worker_function is None:
        raise SettingsError(
            f"WORKER_FUNCTION is not set, but {file} works in the background; deploy with make deploy, which "
            "makes the worker and sets it, or take background= out"
        )
    if not (settings.request_state_keys or settings.request_state_key_parameter):
        raise SettingsError(
            f"REQUEST_STATE_KEY_PARAMETER is not set, nor REQUEST_STATE_KEY, but {file} works in the background: "
            "no environment would know the handles of another one; make secrets makes a key"
        )
    # Here, because most deployments have no background tool.
    from app.protocol.tasks.beginning import Beginnings
    from app.protocol.tasks.handles import Handles
    from app.protocol.tasks.service import BackgroundWork
    from app.protocol.tasks.tools import add_work_tools
    from app.runtime.durable import DurableEngine

    connect, sleep = connection or (None, asyncio.sleep)
    handles = Handles(request_state, settings.issuer, settings.resource, settings.worker_function, clock)
    beginnings = Beginnings(DurableEngine(settings.worker_function, connect), handles, clock, sleep)
    return add_work_tools(catalogue), BackgroundWork(beginnings)
