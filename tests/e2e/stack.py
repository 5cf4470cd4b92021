"""The local stack as `make dev` composes it, on free ports, with switches that a test needs."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.local.function_settings import function_settings
from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
from infra.local.seed import load_seed
from infra.local.workos import create_workos

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


@contextmanager
def running(
    state_dir: Path,
    *,
    rename_challenge: bool = True,
    token_lifetime: int = 300,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """AuthKit, the WorkOS API and the gateway with the function behind it, in its own process."""
    seed, clock, late_gateway, late_authkit = load_seed(), SlowClock(), Late(), Late()
    with ExitStack() as servers:
        authkit, gateway = LoopbackServer(late_authkit), LoopbackServer(late_gateway)
        stack = Stack(gateway.url, authkit.url, clock)
        late_authkit.app = create_workos(
            seed,
            issuer=authkit.url,
            state_dir=state_dir,
            resources=(stack.mcp_url,),
            token_lifetime=token_lifetime,
            clock=clock,
        )
        late_gateway.app = create_gateway(
            function_settings(gateway.url, authkit.url, seed.environment, REQUEST_STATE_KEY, settings or {}),
            rename_challenge=rename_challenge,
            say=stack.lines.append,
        )
        servers.enter_context(authkit)
        servers.enter_context(gateway)
        yield stack
