"""A server in this process for each client: the function, the keys that sign its tokens, and its own WorkOS."""

import asyncio
import json
import os
import tempfile
import time
from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any, NoReturn

import httpx2
import workos  # noqa: F401 - takes a second, which must not count for the first question to WorkOS
from fastapi import FastAPI
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from app.application import create_app
from app.authoring import EnvironmentSettings
from app.authoring.testing import Answers, Caller, Overrides, ProtocolVersion, Who
from app.handler import create_handler
from app.protocol.catalogue.injection import dependency_overrides
from app.settings import Settings
from app.shared.extend import extend
from app.shared.settings import TeamSettings, get_team_settings
from infra.local.authkit.mint import Mint
from infra.local.authkit.minting_hook import MintingHook
from infra.local.authkit.resources import ResourceIndicators
from infra.local.authkit.signing_keys import SigningKeys
from infra.local.jwt_template import JwtTemplate
from infra.local.pipes.github_api import create_github_api
from infra.local.pipes.pipes import Pipes
from infra.local.seed.load import load_seed
from infra.local.seed.rows import Seed
from infra.local.testing.asked_for import AskedFor, require_dependencies, require_settings
from infra.local.testing.engine import FUNCTION, Engine
from infra.local.testing.replies import Replies
from infra.local.testing.transport import HandlerTransport, run_in_function_thread
from infra.local.testing.world import World, create_world
from infra.local.workos_api import create_workos_api

ISSUER = "https://test.authkit.app"
BASE_URL = "https://mcp.example.com"
MCP_URL = f"{BASE_URL}/mcp"
TOKEN_SECONDS = 3600
_STATE_KEY = "dGhlIGtleSBvZiB0ZXN0cyBpcyBubyBzZWNyZXQuLi4"
"""The key of request state, 32 bytes as base64url."""
FORGETTING_SECONDS = 61.0
"""The server uses an answer of WorkOS for a minute (app/access/cache.py)."""
PROJECT_SEED_FILE = Path(__file__).parents[1] / "seed.toml"
"""The people of `make dev`, also where SEED_FILE names others for the tests of the template itself."""


class Environment:
    """One environment of the function, with a WorkOS that can be exchanged."""

    def __init__(
        self,
        compose: Callable[..., FastAPI],
        settings: Settings,
        overrides: Overrides,
        variables: Mapping[str, str],
    ) -> None:
        self._seconds_ahead = 0.0
        self._settings, self._overrides = settings, overrides
        self._engine = Engine(self.clock, self._pass_time, self._run_worker)
        self._workos = httpx2.ASGITransport(_refuse_to_answer)
        self._github = httpx2.ASGITransport(_refuse_to_answer)
        with dependency_overrides.bound(overrides):
            app = compose(
                settings,
                fetch=_fetch_keys,
                fetch_parameters=_refuse_parameters,
                variables=variables,
                clock=self.clock,
                workos_transport=self._workos,
                provider_transport=self._github,
                engine=(lambda: self._engine, self._engine.sleep),
                extend=extend,
            )
        self.handler = create_handler(app)

    def clock(self) -> float:
        return time.time() + self._seconds_ahead

    def _pass_time(self, seconds: float) -> None:
        self._seconds_ahead += seconds

    def _run_worker(self, event: Any, context: Any) -> Any:
        return self._worker(event, context)

    @cached_property
    def _worker(self) -> Callable[[Any, Any], Any]:
        """The worker of the tools of app/. It takes a second, which only tests of background tools pay for."""
        from app.worker import create_worker

        with dependency_overrides.bound(self._overrides):
            return create_worker(
                self._settings,
                fetch_parameters=_refuse_parameters,
                clock=self.clock,
                workos_transport=self._workos,
                client=self._engine,
            )

    def begin(self, world: World) -> None:
        """Give it the next caller's WorkOS, so much later that it has forgotten the answers of the last one."""
        self._seconds_ahead += FORGETTING_SECONDS
        pipes = Pipes.read(world.seed, None, self.clock)
        for provider in world.accounts:
            pipes.connect(provider, world.user_id, world.organization_id)
        self._workos.app = create_workos_api(world.seed, pipes=pipes, clock=self.clock)
        self._github.app = create_github_api(pipes)


@dataclass(frozen=True)
class LocalServer:
    """Makes the clients. Each has an environment to itself, so nothing that one caller caused reaches another.

    Composing one takes some milliseconds for each tool. So the next client uses it again, as callers on AWS use
    a warm one, unless it was composed with settings or overrides of a test.
    """

    seed_file: Path = PROJECT_SEED_FILE
    compose: Callable[..., FastAPI] = create_app
    """Composes the server of app/, or one of other tools."""
    team: type[EnvironmentSettings] = TeamSettings
    get_team: Callable[[], EnvironmentSettings] = get_team_settings
    """The dependency that gives the team's settings to tools."""
    idle: list[Environment] = field(default_factory=list, compare=False, init=False)
    """Environments without settings and overrides that no client uses now."""

    @cached_property
    def seed(self) -> Seed:
        return load_seed(self.seed_file)

    @asynccontextmanager
    async def connect(
        self,
        who: Who,
        *,
        answers: Answers,
        protocol: ProtocolVersion,
        settings: Mapping[str, str],
        overrides: Overrides,
    ) -> AsyncIterator[Caller]:
        """A client for the caller; see app.authoring.testing.client."""
        world, raised = create_world(self.seed, who), None
        async with AsyncExitStack() as stack:
            environment = await stack.enter_async_context(self._use_environment(settings, overrides))
            environment.begin(world)
            bearer = {"authorization": f"Bearer {world.api_key or _mint_token(world, environment.clock)}"}
            transport = HandlerTransport(environment.handler)
            http = await stack.enter_async_context(httpx2.AsyncClient(transport=transport, headers=bearer))
            caller = await _open_session(stack, http, transport, Replies(answers), protocol)
            try:
                yield caller
            except (asyncio.CancelledError, GeneratorExit):
                raise
            except BaseException as error:  # noqa: BLE001 - of any kind: it is raised again below
                raised = error
        # Not inside, where the client's tasks would put it into a group: a test expects its own exception.
        if raised is not None:
            raise raised

    @asynccontextmanager
    async def _use_environment(
        self, settings: Mapping[str, str], overrides: Overrides
    ) -> AsyncIterator[Environment]:
        is_plain = not settings and not overrides
        if is_plain and self.idle:
            environment = self.idle.pop()
        else:
            environment = await run_in_function_thread(partial(self._compose, settings, overrides))
        yield environment
        if is_plain:
            self.idle.append(environment)

    def _compose(self, settings: Mapping[str, str], overrides: Overrides) -> Environment:
        """Raises: ValueError, for a setting or an override that matches nothing."""
        variables = AskedFor(self._list_variables(settings))
        read = Settings.from_environment(variables, team=self.team)
        if settings.keys() & self._team_names:
            values = self.team.from_environment(variables)
            overrides = {self.get_team: lambda: values, **overrides}
        dependencies = AskedFor(overrides)
        environment = Environment(self.compose, read, dependencies, ChainMap(dict(settings), os.environ))
        require_settings(settings, variables.names, dependencies.names)
        require_dependencies(overrides, dependencies.names)
        return environment

    @property
    def _team_names(self) -> set[str]:
        return {name.upper() for name in self.team.model_fields}

    def _list_variables(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in self._team_names & os.environ.keys()},
            "WORKOS_AUTHKIT_DOMAIN": ISSUER,
            "WORKOS_CLIENT_ID": self.seed.environment.client_id,
            "BASE_URL": BASE_URL,
            "WORKOS_API_KEY": self.seed.environment.api_key,
            "WORKOS_BASE_URL": "http://127.0.0.1",
            # The two exclude each other, because a key has no scopes.
            "ALLOW_API_KEYS": "false" if settings.get("REQUIRED_SCOPES") else "true",
            "ALLOW_MACHINE_TOKENS": "true",
            "KEY_SNAPSHOT": "false",
            "WORKER_FUNCTION": FUNCTION,
            "REQUEST_STATE_KEY": _STATE_KEY,
            **settings,
        }


PROJECT_SERVER = LocalServer()
"""The tools, prompts and resources of app/, and the people of `make dev`."""


async def _open_session(
    stack: AsyncExitStack,
    http: httpx2.AsyncClient,
    transport: HandlerTransport,
    replies: Replies,
    protocol: ProtocolVersion,
) -> Caller:
    session = Client(
        streamable_http_client(MCP_URL, http_client=http),
        mode="legacy" if protocol == "2025-11-25" else protocol,
        elicitation_callback=replies if replies.can_ask else None,
    )
    try:
        await stack.enter_async_context(session)
    except Exception as error:  # noqa: BLE001 - as in Caller
        explained = transport.explain(error)
        raise explained from explained.__cause__
    return Caller(session, replies.questions, transport.explain)


@cache
def _create_keys() -> SigningKeys:
    """The keys of this process: making one takes a tenth of a second."""
    with tempfile.TemporaryDirectory() as folder:
        return SigningKeys(Path(folder))


def _mint_token(world: World, clock: Callable[[], float]) -> str:
    """A token as AuthKit gives it to this caller, with the claims of the seed's JWT template."""
    template = JwtTemplate(world.seed.template_claims)
    mint = Mint(ISSUER, world.seed, template, _create_keys(), TOKEN_SECONDS, clock)
    indicators = ResourceIndicators((MCP_URL,), world.seed.environment.client_id)
    return MintingHook(mint, indicators).token(world.token_request)


async def _fetch_keys(url: str, *, seconds: float) -> bytes:
    if url != f"{ISSUER}/oauth2/jwks":
        raise RuntimeError(f"a test has no network, and the server wants {url}")
    return json.dumps(_create_keys().jwks()).encode()


async def _refuse_parameters(names: tuple[str, ...]) -> NoReturn:
    raise RuntimeError(f"a test has no SSM, and the server wants {', '.join(names)}; give the values as settings")


async def _refuse_to_answer(*_: object) -> NoReturn:
    raise RuntimeError("this environment has no WorkOS before a client uses it")
