"""The fixture catalogue behind the stand-ins: the function in a process of its own, the gateway, AuthKit."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import httpx2

from infra.local.durable import WORKER_FUNCTION, create_work_server
from infra.local.function_settings import function_settings, work_settings
from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
from infra.local.ports import Ports
from infra.local.request_state_key import keep_request_state_key
from infra.local.seed.load import load_seed
from infra.local.workos import create_workos
from tests.e2e.stack import Late
from tests.team import TEAM_ENVIRONMENT

FUNCTION = "conformance.protocol.function"
WORKER = "conformance.protocol.worker"


@dataclass(frozen=True, slots=True)
class Stack:
    """Where it is."""

    base_url: str
    authkit_port: int

    @property
    def mcp_url(self) -> str:
        return f"{self.base_url}/mcp"

    @property
    def authkit_url(self) -> str:
        return f"http://127.0.0.1:{self.authkit_port}"

    @property
    def serves(self) -> bool:
        """Whether the function has started. Waits for it as long as the gateway does."""
        with httpx2.Client(trust_env=False, timeout=60) as client:
            return client.get(f"{self.base_url}/healthz").status_code == 200


@contextmanager
def serving(
    ports: Ports, state_dir: Path, origins: str, say: Callable[[str], None], shell: Mapping[str, str]
) -> Iterator[Stack]:
    """Serve until the block ends; a port of 0 is any free one.

    `origins` are those of pages that may call, as in the setting; {port} in them is the gateway's. `shell` has
    what `make dev` takes from there.

    Raises:
        PortTaken: if one of the ports is in use; nothing is left running.
    """
    seed, late_authkit, late_gateway = load_seed(), Late(), Late()
    # Both ports are taken before anything starts on either.
    authkit = LoopbackServer(late_authkit, ports.authkit)
    gateway = LoopbackServer(late_gateway, ports.gateway)
    stack = Stack(gateway.url, authkit.port)
    key = keep_request_state_key(state_dir)
    allowed = [origins.format(port=gateway.port), *shell.get("ALLOWED_ORIGINS", "").split()]
    shell = {**shell, "ALLOWED_ORIGINS": " ".join(allowed)}
    late_authkit.app = create_workos(
        seed, issuer=stack.authkit_url, state_dir=state_dir, resources=(stack.mcp_url,)
    )
    work = create_work_server(state_dir / "work", handler=WORKER, say=say)
    work_server = LoopbackServer(work)
    variables = {
        **function_settings(stack.base_url, stack.authkit_url, seed.environment, key, shell, own=TEAM_ENVIRONMENT),
        **work_settings(WORKER_FUNCTION, work_server.url),
    }
    work.use(variables)
    late_gateway.app = create_gateway(
        variables,
        handler=FUNCTION,
        rename_challenge=shell.get("REMAP_CHALLENGE") != "0",
        say=say,
    )
    with work_server, authkit, gateway:
        try:
            yield stack
        finally:
            late_gateway.app.close()
            work.close()


def end_on_signals() -> None:
    """Ctrl-C and SIGTERM end the block, once: a second one does not interrupt the end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
