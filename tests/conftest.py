"""Shared fixtures. The environment stands first: importing app.handler reads it."""

import io
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from app.runtime.lean import lean_imports

with lean_imports():  # before anything else does: all tests meet the packages as the function does
    from tests.issuer import BASE_URL, CLIENT_ID, ISSUER

os.environ.update(WORKOS_AUTHKIT_DOMAIN=ISSUER, WORKOS_CLIENT_ID=CLIENT_ID, BASE_URL=BASE_URL)

import pytest

from app.runtime.logs import logger
from tests.log import Log, lines_of
from tests.packages import Write, writer
from tests.rig import Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Make a package of tools, prompts or resources."""
    yield from writer(tmp_path)


@pytest.fixture
def log() -> Iterator[Log]:
    """What the function writes to its log during the test."""
    handler, written = logger.registered_handler, io.StringIO()
    assert isinstance(handler, logging.StreamHandler)
    usual = handler.setStream(written)
    yield lambda message=None: lines_of(written.getvalue(), message)
    handler.setStream(usual)
