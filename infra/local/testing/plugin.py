"""For pytest: what answers `client`, and the fixture `call_as` for tests that are not async.

Loaded by tests/conftest.py. It imports the server on first use: most tests need none.
"""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, ExitStack
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


provide(connect)
