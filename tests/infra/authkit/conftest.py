"""One server for all tests; each plays an AuthKit of its own, with its own clock and state."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from infra.local.authkit import create_authkit
from infra.local.authkit.signing_keys import SigningKeys
from infra.local.loopback import LoopbackServer
from infra.local.seed.load import load_seed
from infra.local.seed.rows import Seed
from tests.infra.authkit.rig import RESOURCE, AuthKit, Clock, Stage

StartAuthKit = Callable[..., AuthKit]


@pytest.fixture(scope="session")
def seed() -> Seed:
    return load_seed()


@pytest.fixture(scope="session")
def stage() -> Iterator[tuple[Stage, httpx2.Client]]:
    stage = Stage()
    with LoopbackServer(stage) as server, httpx2.Client(base_url=server.url, trust_env=False) as http:
        yield stage, http


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An RSA key takes a while to make; the tests start from the same one."""
    folder = tmp_path_factory.mktemp("keys")
    SigningKeys(folder)
    return folder


@pytest.fixture
def state_dir(tmp_path: Path, key_folder: Path) -> Path:
    folder = tmp_path / "state"
    shutil.copytree(key_folder, folder)
    return folder


@pytest.fixture
def start(stage: tuple[Stage, httpx2.Client], seed: Seed, state_dir: Path) -> StartAuthKit:
    """Start an AuthKit, or start it again, with arguments of create_authkit."""
    playing, http = stage
    clock, url = Clock(), str(http.base_url).rstrip("/")

    def start(**changes: Any) -> AuthKit:
        wanted: dict[str, Any] = {"issuer": url, "state_dir": state_dir, "resources": [RESOURCE], "clock": clock}
        wanted |= changes
        playing.app = create_authkit(wanted.pop("seed", seed), **wanted)
        return AuthKit(http, url, state_dir, clock)

    return start


@pytest.fixture
def authkit(start: StartAuthKit) -> AuthKit:
    return start()
