"""WorkOS for audit events: the local stand-in on loopback, and a server that sends events there."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

import app.workos.transport  # noqa: F401 - its import takes longer than an answer waits for an event
from app.application import Packages
from infra.local.loopback import LoopbackServer
from infra.local.seed.load import load_seed
from infra.local.seed.rows import Seed
from infra.local.workos_api import create_workos_api
from tests.catalogues.usual import tools as usual_tools
from tests.infra.authkit.rig import Clock, Stage
from tests.infra.workos_api.rig import ADA, ENGINES, Api
from tests.rig import SETTINGS, Rig, no_parameters

ACTION = "mcp.tool_called"
Make = Callable[..., Rig]


@pytest.fixture(scope="session")
def seed() -> Seed:
    return load_seed()


@pytest.fixture
def workos(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    stage = Stage()
    stage.app = create_workos_api(seed)
    key = {"Authorization": f"Bearer {seed.environment.api_key}"}
    with (
        LoopbackServer(stage) as server,
        httpx2.Client(base_url=server.url, trust_env=False, headers=key) as http,
    ):
        monkeypatch.setenv("WORKOS_BASE_URL", server.url)
        yield Api(http, server.url, Clock(), seed)


@pytest.fixture
def make(seed: Seed) -> Iterator[Make]:
    """A server that sends events; it ends with the test."""
    made: list[Rig] = []

    def make(
        fetch_parameters: Any = no_parameters,
        tools: Packages = usual_tools,
        resources: Packages = (),
        **settings: Any,
    ) -> Rig:
        given = {"audit_log_action": ACTION, "api_key": seed.environment.api_key, **settings}
        made.append(
            Rig(replace(SETTINGS, **given), tools=tools, resources=resources, fetch_parameters=fetch_parameters)
        )
        return made[-1]

    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def audited(workos: Api, make: Make) -> Rig:
    return make()


def ada(rig: Rig, **claims: Any) -> str:
    """The token of somebody whom the stand-in knows."""
    return rig.issuer.token(**{"sub": ADA, "org_id": ENGINES, **claims})
