"""What the function answers when the operator asks whether its worker takes work and does it."""

from typing import Any

import pytest

from app.handler import create_handler
from infra.local.testing.engine import Refused
from infra.operator.worker import EVENT
from tests.background import BackgroundServer
from tests.rig import Rig


@pytest.fixture
def server() -> BackgroundServer:
    return BackgroundServer()


def ask(server: BackgroundServer) -> Any:
    return create_handler(server.rig.app)(EVENT, None)


def test_a_worker_that_does_its_work_is_ready(server: BackgroundServer) -> None:
    assert ask(server) == {"worker": "ready"}
    assert server.engine.only.name.startswith("check-")
    assert server.engine.only.operations == {}


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (Refused("ResourceNotFoundException", status=404), "missing"),
        (Refused("AccessDeniedException", status=403), "denied"),
        (Refused("TooManyRequestsException", status=429), "throttled"),
        (OSError(), "unreachable"),
    ],
)
def test_a_worker_that_cannot_be_reached_is_answered_with_the_cause(
    server: BackgroundServer, failure: Exception, cause: str
) -> None:
    server.engine.failing["invoke"] = failure

    assert ask(server) == {"worker": cause}


def test_a_worker_that_does_not_start_has_failed(server: BackgroundServer) -> None:
    def fail(event: Any, context: Any) -> dict[str, Any]:
        return {"Status": "FAILED", "Error": {"ErrorType": "Runtime.ImportModuleError"}}

    server.engine.worker = fail

    assert ask(server) == {"worker": "failed"}


def test_a_worker_that_says_nothing_is_silent_and_its_work_is_ended(server: BackgroundServer) -> None:
    server.engine.is_paused = True

    assert ask(server) == {"worker": "silent"}
    assert server.engine.only.status == "STOPPED"


def test_work_that_lambda_does_not_show_yet_is_looked_at_again(server: BackgroundServer) -> None:
    server.engine.failing["get_durable_execution"] = Refused("ResourceNotFoundException", status=404)

    assert ask(server) == {"worker": "silent"}


def test_a_server_without_background_tools_has_nothing_to_say() -> None:
    assert create_handler(Rig().app)(EVENT, None)["statusCode"] == 204
