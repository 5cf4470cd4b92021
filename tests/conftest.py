"""Shared fixtures. The environment stands first: importing app.handler reads it."""

import gc
import io
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from app.runtime.lean import lean_imports

with lean_imports():  # before anything else does: all tests meet the packages as the function does
    from tests.team import ENVIRONMENT, FIXTURES

# Stages and people of the tests' own, because a team changes samconfig.toml and seed.toml.
os.environ.update(ENVIRONMENT, SAMCONFIG=str(FIXTURES / "samconfig.toml"), SEED_FILE=str(FIXTURES / "seed.toml"))

import pytest
from hypothesis import HealthCheck, settings

from app.runtime.logs import SERVICE, logger, name_service
from examples import prompts as example_prompts
from examples import resources as example_resources
from infra.local.testing.plugin import call_as, client_portal, pytest_runtest_makereport  # noqa: F401 - for all tests
from tests.broad import mark_broad
from tests.log import Log, lines_of
from tests.packages import Write, writer
from tests.rig import Rig

# Collecting ten thousand tests makes objects that all stay, and the garbage collector would go through them for a
# second or two in each process. set_aside_older_objects turns it on again.
gc.disable()

# Neither an example nor the making of one has a time limit: on a busy machine both take many times as long.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# `make e2e` gives these to its programs. A `make` that a test starts would name the folder, and take the stage.
for variable in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "STAGE"):
    os.environ.pop(variable, None)

# A script starts `pytest &` with SIGINT ignored. Servers that tests start, and end by Ctrl-C, would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # before pytest selects by `-m`
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_broad(items)


@pytest.fixture(scope="module", autouse=True)
def name_lines_as_upstream() -> None:
    """A team's identity has another name, which app.handler and app.worker put on every line."""
    name_service(SERVICE)


@pytest.fixture(scope="module", autouse=True)
def set_aside_older_objects() -> None:
    """Take what exists before a file's tests out of the garbage collector's sight.

    A process that has run thousands of tests holds millions of objects (schemas, servers, reports): one
    `gc.collect()` took 2 s of CPU there.
    """
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def shipped() -> Rig:
    """With `whoami` and the prompts and resources of examples/."""
    return Rig(prompts=example_prompts, resources=example_resources)


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Make a package of tools, prompts or resources."""
    yield from writer(tmp_path)


@pytest.fixture
def log() -> Iterator[Log]:
    """What the function writes to its log during the test."""
    name_service(SERVICE)  # the import of app.handler or app.worker puts the team's name on every line
    handler, written = logger.registered_handler, io.StringIO()
    assert isinstance(handler, logging.StreamHandler)
    usual = handler.setStream(written)
    yield lambda message=None: lines_of(written.getvalue(), message)
    handler.setStream(usual)
