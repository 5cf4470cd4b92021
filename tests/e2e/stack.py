"""The local stack as `make dev` composes it, on free ports, with switches that a test needs."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2

from infra.local.authkit.public_fetch import FetchError
from infra.local.durable import WORKER_FUNCTION, EngineLimits, create_work_server
from infra.local.function_settings import function_settings, work_settings
from infra.local.gateway import Limits, create_gateway
from infra.local.loopback import LoopbackServer
from infra.local.seed.load import load_seed
from infra.local.seed.rows import Seed
from infra.local.start_page import write_note
from infra.local.workos import create_workos
from tests.blocks import ROOT
from tests.team import TEAM_ENVIRONMENT

REQUEST_STATE_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE"


class Late:
    """An ASGI application that is set once its server's port is known."""

    app: Any

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@dataclass
class SlowClock:
    """AuthKit's clock, which a test can set behind: its tokens are then old when they are issued."""

    behind: float = 0.0

    def __call__(self) -> float:
        return time.time() - self.behind


@dataclass(frozen=True)
class Published:
    """The documents of clients, in place of the internet, which a test has not."""

    documents: Mapping[str, Mapping[str, object]]

    async def fetch(self, url: str) -> bytes:
        if url not in self.documents:
            raise FetchError("the answer has status 404, not 200")
        return json.dumps({"client_id": url, **self.documents[url]}).encode()


@dataclass
class Stack:
    base_url: str
    authkit_url: str
    clock: SlowClock
    lines: list[str] = field(default_factory=list)
    """What the gateway said: one line per request and cold start, and the function's log."""

    @property
    def mcp_url(self) -> str:
        return f"{self.base_url}/mcp"

    def hook(self, method: str, path: str, body: object = None) -> Any:
        """What a hook of the stand-in answers: `_local/<path>`."""
        with httpx2.Client(trust_env=False, base_url=self.authkit_url) as client:
            answer = client.request(method, f"/_local/{path}", json=body, headers={"X-Local-Stand-In": "1"})
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def token(self, **wanted: object) -> str:
        """A token without a login, as `make token` gets it."""
        return str(self.hook("POST", "token", wanted)["access_token"])


@contextmanager
def running(
    state_dir: Path,
    *,
    rename_challenge: bool = True,
    token_lifetime: int = 300,
    settings: Mapping[str, str] | None = None,
    extra_scopes: Sequence[str] = (),
    template_claims: Sequence[str] = (),
    documents: Mapping[str, Mapping[str, object]] | None = None,
    seed: Seed | None = None,
    register: bool = True,
    watch: Callable[[Any], Any] = lambda app: app,
    project: Path = ROOT,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Iterator[Stack]:
    """AuthKit, the WorkOS API, the engine of background work, and the gateway with the function's processes.

    Args:
        extra_scopes: custom scopes that WorkOS support has switched on for the environment.
        template_claims: what the JWT template adds; `Stack.hook` sets another one, or a whole template.
        documents: what clients have published of themselves, by their address; with it AuthKit takes such clients
            (CIMD), and these stand for the internet.
        seed: who and what exists, in place of infra/local/seed.toml.
        register: whether the server is registered as a resource indicator.
        watch: wraps AuthKit and the gateway, to see what their callers send.
        project: the folder with the code of the function and its worker.
        limits: of the gateway; the time for a start is the engine's too.
    """
    seed, clock, late_gateway, late_authkit = seed or load_seed(), SlowClock(), Late(), Late()
    seed = replace(seed.with_scopes(tuple(extra_scopes)), template_claims=tuple(template_claims))
    with ExitStack() as servers:
        authkit, gateway = LoopbackServer(late_authkit), LoopbackServer(late_gateway)
        stack = Stack(gateway.url, authkit.url, clock)
        work = create_work_server(
            state_dir / "work",
            python_path=project,
            limits=EngineLimits(start=limits.start),
            say=stack.lines.append,
        )
        engine = LoopbackServer(work)
        late_authkit.app = create_workos(
            seed,
            issuer=authkit.url,
            state_dir=state_dir,
            resources=(stack.mcp_url,) if register else (),
            token_lifetime=token_lifetime,
            clock=clock,
            advertise_cimd=documents is not None,
            fetch_document=Published(documents or {}).fetch,
        )
        variables = function_settings(
            gateway.url,
            authkit.url,
            seed.environment,
            REQUEST_STATE_KEY,
            settings or {},
            own=TEAM_ENVIRONMENT,
            note=write_note(seed),
        )
        variables |= work_settings(WORKER_FUNCTION, engine.url)
        work.use(variables)
        late_gateway.app = create_gateway(
            variables,
            rename_challenge=rename_challenge,
            limits=limits,
            say=stack.lines.append,
            python_path=project,
        )
        late_authkit.app, late_gateway.app = watch(late_authkit.app), watch(late_gateway.app)
        for server in (engine, authkit, gateway):
            servers.enter_context(server)
        yield stack
