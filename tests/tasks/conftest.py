"""One server with background tools for all tests of a file: composing one takes a tenth of a second."""

from collections.abc import Iterator

import pytest

from tests.background import BackgroundServer
from tests.catalogues.background.tools import reports


@pytest.fixture(scope="module")
def shared_server() -> BackgroundServer:
    return BackgroundServer()


@pytest.fixture
def server(shared_server: BackgroundServer) -> Iterator[BackgroundServer]:
    shared_server.forget()
    reports.runs.clear()
    reports.kills.clear()
    reports.outages.clear()
    yield shared_server
    shared_server.engine.failing.clear()
