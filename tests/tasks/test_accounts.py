"""Connected accounts in background work: asked for in the call, and read anew by each run of the worker."""

from collections.abc import Iterator

import pytest

from app.workos.token_memory import TOKEN_MEMORY_SECONDS
from tests.background import text
from tests.protocol.asking import VISITED, Conversation
from tests.tasks.callers import PERSON, Callers

NOT_CONNECTED = "GitHub is not connected for you."
ENDED = "GitHub is not connected for you. Call again to connect it."


@pytest.fixture(scope="module")
def all_callers() -> Callers:
    return Callers.start()


@pytest.fixture
def callers(all_callers: Callers) -> Iterator[Callers]:
    yield all_callers
    all_callers.server.forget()
    all_callers.disconnect()
    all_callers.server.issuer.clock.now += TOKEN_MEMORY_SECONDS  # both functions have a token for a minute


@pytest.mark.parametrize(("tool", "said"), [("watch_github", "ada-l ada-l"), ("look_at_github", "ada-l")])
def test_the_worker_reads_the_account_when_it_runs(callers: Callers, tool: str, said: str) -> None:
    callers.connect()

    assert text(callers.finish("ada", tool)) == said


def test_no_token_of_an_account_is_in_the_execution(callers: Callers) -> None:
    token = callers.connect()
    callers.finish("ada", "watch_github")
    execution = callers.server.engine.only

    assert token not in f"{execution.payload} {execution.operations} {execution.events} {execution.result}"


def test_each_run_reads_the_account_anew(callers: Callers) -> None:
    callers.connect()
    task_id = callers.begin("ada", "watch_github")
    callers.disconnect()
    callers.connect(login="ghopper")
    callers.server.engine.advance(600)

    assert text(callers.get("ada", task_id)["result"]) == "ada-l ghopper"


@pytest.mark.matrix
@pytest.mark.parametrize("tool", ["watch_github", "look_at_github", "look_first"])
def test_the_user_is_asked_before_the_work_begins(callers: Callers, tool: str) -> None:
    call = Conversation(callers.server.rig, tool, who=PERSON)
    (page,) = call.asked()

    assert page["message"].startswith(NOT_CONNECTED)
    assert callers.server.engine.executions == {}
    callers.connect()
    call.send(VISITED)
    callers.server.engine.advance(600)
    assert callers.server.engine.only.status == "SUCCEEDED"
    assert "ada-l" in str(callers.server.engine.only.result)


def test_a_client_that_cannot_ask_reads_the_address(callers: Callers) -> None:
    call = Conversation(callers.server.rig, "watch_github", who=PERSON, capabilities={})

    assert call.says().startswith(f"{NOT_CONNECTED} Open this address in your browser to connect it, then call")
    assert callers.server.engine.executions == {}


@pytest.mark.matrix
@pytest.mark.parametrize("who", ["machine", "CI"])
def test_a_caller_who_is_no_person_has_no_account(callers: Callers, who: str) -> None:
    assert "needs a person" in text(callers.call(who, "watch_github"))
    assert callers.server.engine.executions == {}


def test_an_account_that_is_disconnected_during_the_work_ends_it_with_the_reason(callers: Callers) -> None:
    callers.connect()
    task_id = callers.begin("ada", "watch_github")
    callers.disconnect()
    callers.server.engine.advance(600)
    task = callers.get("ada", task_id)

    assert (task["status"], task["result"]["isError"], text(task["result"])) == ("completed", True, ENDED)


def test_a_tool_without_steps_is_told_the_same(callers: Callers) -> None:
    callers.connect()
    callers.server.engine.is_paused = True
    task_id = callers.begin("ada", "look_at_github")
    callers.disconnect()
    callers.server.engine.is_paused = False
    callers.server.engine.run_due()

    assert text(callers.get("ada", task_id)["result"]) == ENDED


def test_the_result_does_not_need_the_account_any_more(callers: Callers) -> None:
    callers.connect()
    task_id = callers.begin("ada", "look_at_github")
    callers.disconnect()

    assert text(callers.get("ada", task_id)["result"]) == "ada-l"


def test_a_users_key_has_the_accounts_of_its_user(callers: Callers) -> None:
    callers.connect()

    assert text(callers.finish("Ada's script", "watch_github")) == "ada-l ada-l"


def test_the_worker_lists_connections(callers: Callers) -> None:
    callers.connect()
    listed = callers.finish("ada", "list_connected")["structuredContent"]["result"]

    assert {"provider": "github", "state": "connected"} in listed
