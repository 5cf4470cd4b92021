"""For pytest: what answers `client`, the fixture `call_as` for tests that are not async, and a failed test's log.

Loaded by tests/conftest.py. It imports the server on first use: most tests need none.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.authoring.testing import (
    BlockingCaller,
    CallAs,
    Caller,
    Who,
    client,
    provide,
)

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

_APP = Path(__file__).parents[3] / "app"


def connect(who: Who, **options: Any) -> AbstractAsyncContextManager[Caller]:
    """A client for the caller, of the server of this project; see app.authoring.testing.client."""
    from infra.local.testing.server import PROJECT_SERVER

    return PROJECT_SERVER.connect(who, **options)


@pytest.fixture(scope="session")
def client_portal() -> Iterator["BlockingPortal"]:
    """The event loop, in a thread of its own, on which the clients of `call_as` run."""
    from anyio.from_thread import start_blocking_portal

    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def call_as(client_portal: "BlockingPortal") -> Iterator[CallAs]:
    """`call_as(as_user(...))` is the caller with a client; it takes what app.authoring.testing.client takes."""
    with ExitStack() as clients:

        def open_client(who: Who, **options: Any) -> BlockingCaller:
            caller = clients.enter_context(client_portal.wrap_async_context_manager(client(who, **options)))
            return BlockingCaller(caller, client_portal.call)

        yield open_client


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the log of a failed test as `make dev` shows it; LOG=json leaves the records as they are."""
    report = yield
    if report.failed and os.environ.get("LOG") != "json":
        from infra.local.gateway.log_lines import shorten

        report.sections = [
            (title, "".join(f"{short}\n" for line in text.splitlines() for short in shorten(line, _APP)))
            for title, text in report.sections
        ]
    return report


provide(connect)
