"""One server for all tests; each plays a WorkOS API of its own, with its own state."""

from collections.abc import Iterator

import httpx2
import pytest

from infra.local.authkit.authorizations import Authorizations
from infra.local.authkit.sessions import Sessions
from infra.local.loopback import LoopbackServer
from infra.local.pipes.pipes import Pipes
from infra.local.seed.load import load_seed
from infra.local.seed.rows import Seed
from infra.local.workos_api import create_workos_api
from tests.infra.authkit.rig import Clock, Stage
from tests.infra.workos_api.rig import Api


@pytest.fixture(scope="session")
def seed() -> Seed:
    return load_seed()


@pytest.fixture(scope="session")
def stage(seed: Seed) -> Iterator[tuple[Stage, httpx2.Client]]:
    stage, key = Stage(), {"Authorization": f"Bearer {seed.environment.api_key}"}
    with (
        LoopbackServer(stage) as server,
        httpx2.Client(base_url=server.url, trust_env=False, headers=key) as http,
    ):
        yield stage, http


@pytest.fixture
def api(stage: tuple[Stage, httpx2.Client], seed: Seed) -> Api:
    playing, http = stage
    clock = Clock()
    authorizations, sessions = Authorizations(None, lambda _: None, clock), Sessions(clock)
    pipes = Pipes.read(seed, None, clock)
    playing.app = create_workos_api(
        seed, authorizations=authorizations, sessions=sessions, pipes=pipes, clock=clock
    )
    return Api(http, str(http.base_url).rstrip("/"), clock, seed, authorizations, sessions, pipes)
