"""Background work for callers of every kind: the worker knows as much of them as a call would, and no more."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.access.quota_rules import QuotaRules
from app.auth.api_keys import ApiKey
from app.auth.api_keys import build_session as build_key_session
from app.auth.claims import build_session
from app.auth.handed_session import read_session, write_session
from app.auth.session import Session
from app.protocol.tasks.texts import UNKNOWN
from infra.local.testing.execution import read_payload
from tests.access.world import ADA, COMPILERS, ENGINES, GRACE, MACHINE
from tests.api_keys import VALIDATIONS
from tests.background import BackgroundServer, text
from tests.issuer import Issuer
from tests.log import Log
from tests.quota import MemoryTable
from tests.tasks.callers import Callers

CI, STATUS = "api_key_01LOCALCI0000000000000000", "api_key_01LOCALSTATUS000000000000"
NOTEBOOK = "api_key_01LOCALGRACE0000000000000"
WITHOUT_PERMISSIONS: dict[str, Any] = {
    "object": "api_key",
    "id": CI,
    "owner": {"type": "organization", "id": ENGINES},
    "name": "CI",
    "permissions": [],
    "created_at": "2026-01-01T00:00:00.000Z",
    "updated_at": "2026-01-01T00:00:00.000Z",
    "expires_at": None,
}
"""The key CI as WorkOS shows it once somebody took its permissions away."""


@pytest.fixture(scope="module")
def all_callers() -> Callers:
    return Callers.start()


@pytest.fixture
def callers(all_callers: Callers) -> Iterator[Callers]:
    yield all_callers
    all_callers.server.forget()


def make_key(owner: Any, **more: Any) -> Session:
    facts = {
        "id": "api_key_1",
        "owner": owner,
        "owner_id": "user_1" if owner == "user" else "org_1",
        "organization_id": "org_1",
        "permissions": frozenset({"b", "a"}),
        "created_at": 5.5,
        "expires_at": None,
    }
    return build_key_session(ApiKey(**{**facts, **more}))


@pytest.mark.parametrize(
    "session",
    [
        build_session(Issuer().claims(template={"a": [1, {"b": None}]}, role="admin")),
        build_session(Issuer().machine_claims()),
        make_key("user"),
        make_key("organization", expires_at=9.0),
    ],
    ids=["person", "machine", "user's key", "organisation's key"],
)
def test_the_worker_has_an_equal_session(session: Session) -> None:
    assert read_session(json.loads(json.dumps(write_session(session)))) == session


@pytest.mark.parametrize(
    ("who", "facts"),
    [
        ("ada", {"kind": "user", "owner": None, "user_id": ADA, "organization_id": ENGINES, "has_claims": True}),
        ("machine", {"kind": "machine", "owner": None, "user_id": MACHINE, "client_id": MACHINE, "roles": []}),
        (
            "CI",
            {
                "kind": "api_key",
                "owner": "organization",
                "user_id": CI,
                "client_id": CI,
                "organization_id": ENGINES,
                "permissions": ["reports:read", "reports:write"],
                "roles": [],
                "has_claims": False,
            },
        ),
        (
            "Grace's notebook",
            {
                "kind": "api_key",
                "owner": "user",
                "user_id": GRACE,
                "client_id": NOTEBOOK,
                "organization_id": COMPILERS,
                "permissions": ["reports:read"],
                "roles": [],
            },
        ),
    ],
)
def test_the_worker_knows_the_caller(callers: Callers, who: str, facts: dict[str, Any]) -> None:
    told = callers.finish(who, "tell_caller")["structuredContent"]

    assert {name: told[name] for name in facts} == facts


def test_the_worker_looks_up_what_a_user_may(callers: Callers) -> None:
    told = callers.finish("ada", "tell_caller")["structuredContent"]

    assert told["roles"] == ["admin"]
    assert "reports:write" in told["permissions"]


@pytest.mark.matrix
@pytest.mark.parametrize("who", ["ada", "machine", "CI", "Grace's notebook"])
def test_the_payload_has_neither_token_nor_key(callers: Callers, who: str) -> None:
    callers.begin(who, "tell_caller")
    token = callers.find_token(who)
    payload = callers.server.engine.only.payload

    assert token not in payload
    assert all(part not in payload for part in token.split("."))
    assert read_payload(callers.server.engine.only)["session"].keys() <= {"claims", "api_key"}


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("who", "name"),
    [("ada", "Analytical Engines"), ("CI", "Analytical Engines"), ("Grace's notebook", "Compiler Works")],
)
def test_the_worker_has_the_callers_organisation(callers: Callers, who: str, name: str) -> None:
    assert callers.finish(who, "name_tenant")["structuredContent"] == {"result": [name, name]}


def test_a_caller_without_an_organisation_has_no_tenant(callers: Callers) -> None:
    assert "without an organisation" in text(callers.finish("alan", "name_tenant"))


@pytest.mark.broad
def test_a_server_for_organisations_alone() -> None:
    callers = Callers.start(require_organization=True)
    refused = callers.server.rig.exchange(
        "tools/call", {"name": "tell_caller", "arguments": {}}, token=callers.find_token("alan")
    )

    assert refused.status == 403
    for who in ("ada", "machine", "CI", "Grace's notebook"):
        assert callers.finish(who, "tell_caller")["structuredContent"]["organization_id"] is not None


def hear(server: BackgroundServer, task_id: str, token: str) -> list[Any]:
    """All that a caller with this token or key hears of the task."""
    answers = [server.ask(each, task_id, token=token).json["error"] for each in ("tasks/get", "tasks/cancel")]
    answers += [server.ask("tasks/update", task_id, token=token, inputResponses={}).json["error"]]
    said = [server.rig.call(tool, {"handle": task_id}, token=token) for tool in ("get_result", "cancel_work")]
    return [*answers, *(each["content"] for each in said)]


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("beginner", "others"),
    [
        ("CI", ["Status page", "Ada's script", "ada", "machine"]),
        ("Ada's script", ["ada", "CI", "Grace's notebook"]),
        ("ada", ["Ada's script", "CI", "grace"]),
        ("machine", ["CI", "machine of compilers"]),
    ],
)
def test_work_is_that_of_one_key_or_login(callers: Callers, log: Log, beginner: str, others: list[str]) -> None:
    task_id = callers.begin(beginner, "tell_caller")
    never = hear(callers.server, "v1.never", callers.find_token(beginner))

    assert callers.get(beginner, task_id)["status"] == "working"
    for other in others:
        assert hear(callers.server, task_id, callers.find_token(other)) == never
        assert {line["reason"] for line in log("exchange")[-5:]} == {"work_caller"}
    assert never[0]["message"] == UNKNOWN


def test_who_may_begin_work_is_decided_by_the_permissions_of_the_key(callers: Callers) -> None:
    assert text(callers.finish("CI", "write_report")) == "written"
    refused = callers.server.rig.exchange(
        "tools/call", {"name": "write_report", "arguments": {}}, token=callers.find_token("Grace's notebook")
    )
    assert refused.json["error"]["code"] == -32602
    assert len(callers.server.engine.executions) == 1


def test_a_key_that_lost_its_permission_gets_nothing() -> None:
    callers = Callers.start()
    task_id = callers.begin("CI", "write_report")
    callers.api.instead[VALIDATIONS] = (200, {"api_key": WITHOUT_PERMISSIONS})
    callers.server.engine.advance(61)

    answer = callers.server.ask("tasks/get", task_id, token=callers.find_token("CI"))
    assert answer.json["error"]["code"] == -32602


def test_work_outlives_the_key_that_began_it() -> None:
    callers = Callers.start()
    task_id = callers.begin("CI", "tell_caller")
    callers.api.instead[VALIDATIONS] = (200, {"api_key": None})
    callers.server.engine.advance(3600)

    assert callers.server.engine.only.status == "SUCCEEDED"
    assert callers.server.ask("tasks/get", task_id, token=callers.find_token("CI")).status == 401


def test_work_outlives_the_login_and_a_new_login_gets_its_result(callers: Callers) -> None:
    old = callers.find_token("ada")
    task_id = callers.server.begin("tell_caller", token=old)["taskId"]
    callers.server.engine.advance(7200)

    assert callers.server.ask("tasks/get", task_id, token=old).status == 401
    assert callers.get("ada", task_id)["status"] == "completed"


def test_the_record_names_the_key(callers: Callers, log: Log) -> None:
    callers.finish("CI", "tell_caller")

    (begun, *_), (ended,) = log("exchange"), log("work")
    names = ("work", "user_id", "organization_id", "client_id", "token_id", "kind", "is_machine")
    assert {name: begun[name] for name in names} == {name: ended[name] for name in names}
    assert (ended["kind"], ended["user_id"], ended["client_id"]) == ("api_key", CI, CI)
    assert callers.find_token("CI") not in str(log())


def test_the_quota_counts_beginnings_of_a_key() -> None:
    rules = QuotaRules(table="quota", per_user=1, when_unavailable="deny")
    callers = Callers.start(table=MemoryTable(), quota=rules)
    handle = callers.begin("CI", "tell_caller")

    assert "no result yet" in text(callers.call("CI", "get_result", handle=handle, wait_seconds=0))
    assert "This API key has used the 1 call" in text(callers.call("CI", "tell_caller"))
    assert callers.begin("Status page", "tell_caller")


def test_a_repeated_key_of_the_client_begins_one_execution_for_each_caller(callers: Callers) -> None:
    headers = {"idempotency-key": "monday"}
    for who in ("CI", "CI", "Ada's script", "machine"):
        callers.begin(who, "tell_caller", headers=headers)

    assert len(callers.server.engine.executions) == 3
