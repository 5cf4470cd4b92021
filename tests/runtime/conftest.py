from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.loopback_issuer import LoopbackIssuer, loopback_issuer
from tests.runtime.artefact import Artefact, make_artefact
from tests.runtime.emulator import Emulator


@pytest.fixture(scope="session")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Artefact:
    return make_artefact(tmp_path_factory.mktemp("artefact"))


@pytest.fixture
def vendor() -> Iterator[LoopbackIssuer]:
    with loopback_issuer() as vendor:
        yield vendor


Emulate = Callable[..., Emulator]


@pytest.fixture
def emulate(artefact: Artefact, vendor: LoopbackIssuer, tmp_path: Path) -> Iterator[Emulate]:
    """Start a function; options are those of `Emulator`."""
    with ExitStack() as stack:

        def start(**options: Any) -> Emulator:
            return stack.enter_context(Emulator(artefact, tmp_path / "log", vendor.settings, **options))

        yield start
