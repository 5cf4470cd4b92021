"""Who sees which tool, and what each call is answered, through the handler, in both protocol eras."""

from typing import Any

import httpx2
import pytest

from app.access.cache import CACHE_SECONDS
from app.access.lookups import FAILURE_PAUSE_SECONDS
from tests.access.world import ADA, COMPILERS, ENGINES, World, running
from tests.log import Log
from tests.rig import ERAS

pytestmark = pytest.mark.matrix("version")

MEMBERSHIPS, ROLES = "/user_management/organization_memberships", "/authorization/organizations"
TEMPORARY = "Whether you may use this cannot be found out at the moment. This is temporary"
ROLE = {
    "object": "role",
    "id": "role_01",
    "slug": "admin",
    "name": "Admin",
    "description": None,
    "type": "EnvironmentRole",
    "resource_type_slug": "organization",
    "permissions": ["reports:write"],
    "created_at": "2026-01-01T00:00:00.000Z",
    "updated_at": "2026-01-01T00:00:00.000Z",
}
ANYBODY = {
    "all_of_mine",
    "by_argument",
    "by_argument_or_scope",
    "by_broken_check",
    "by_default",
    "by_session",
    "by_truth",
    "by_resource",
    "by_scope",
    "people",
}
OPEN = {"by_permission_openly", "everyone", "in_organization"}

SEEN: dict[str, set[str]] = {
    "ada": {"by_either", "by_flag", "by_permission", "by_role", "by_scope_and_permission"} | ANYBODY,
    "grace": {"by_flag", "by_flag_of_user"} | ANYBODY,
    "grace at compilers": {
        "by_either",
        "by_flag_of_user",
        "by_permission",
        "by_role",
        "by_scope_and_permission",
    }
    | ANYBODY,
    "katherine": ANYBODY,
    "alan": ANYBODY,
    "machine": {"by_either", "machines"},
}


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("caller", SEEN)
def test_a_list_shows_what_its_caller_may_use_in_the_order_of_names(
    caller: str, version: str, world: World
) -> None:
    in_organization = {"write_down"} if caller not in ("alan", "machine") else set()

    assert world.listed(caller, version) == sorted(SEEN[caller] | OPEN | in_organization)


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("tool", ["by_permission", "by_role", "machines", "by_scope_and_permission"])
def test_what_is_hidden_answers_exactly_as_what_does_not_exist(tool: str, version: str, world: World) -> None:
    hidden, unknown = (
        world.exchange("tools/call", "katherine", params={"name": name, "arguments": {}}, version=version)
        for name in (tool, "nothing")
    )

    assert (hidden.status, hidden.headers, hidden.text) == (unknown.status, unknown.headers, unknown.text)
    assert "There is no such tool" in hidden.text


@pytest.mark.parametrize("version", ERAS)
def test_what_is_discoverable_says_what_is_missing_and_who_grants_it(version: str, world: World) -> None:
    result = world.call("by_permission_openly", "katherine", version)

    assert result["isError"] is True
    assert result["content"][0]["text"] == (
        "You may not use this: you need the permission reports:write. "
        "An administrator of your organisation can give you a role that has it."
    )
    assert "Choose an organisation when you log in" in world.says("in_organization", "alan")


@pytest.mark.parametrize("version", ERAS)
def test_a_missing_scope_is_a_403_that_names_all_that_the_operation_needs(version: str, world: World) -> None:
    answer = world.exchange(
        "tools/call",
        "ada",
        params={"name": "by_scope_and_permission"},
        version=version,
        claims={"scope": "openid"},
    )

    assert answer.status == 403
    assert answer.json == {
        "error": "insufficient_scope",
        "error_description": "The access token lacks a scope that this operation needs.",
        "resource_metadata": "https://mcp.example.com/.well-known/oauth-protected-resource/mcp",
        "scope": "reports:write email",
    }
    assert 'Bearer error="insufficient_scope"' in answer.challenge
    assert 'scope="reports:write email"' in answer.challenge


def test_the_scopes_of_the_server_are_part_of_what_an_operation_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(monkeypatch, required_scopes=("openid",)) as world:
        assert world.exchange("tools/call", params={"name": "by_scope"}).json["scope"] == "openid reports:write"


def test_the_metadata_names_every_scope_that_a_tool_declares(world: World) -> None:
    metadata = world.rig.request("GET", "/.well-known/oauth-protected-resource").json

    assert metadata["scopes_supported"] == [
        *("openid", "profile", "email"),
        *("reports:write", "reports:read"),
        "offline_access",
    ]


def test_nobody_is_sent_to_log_in_again_for_what_a_login_cannot_give(world: World) -> None:
    answer = world.exchange("tools/call", "katherine", params={"name": "by_scope_and_permission"})

    assert (answer.status, answer.json["error"]["code"]) == (400, -32602)


@pytest.mark.parametrize("version", ERAS)
def test_with_the_scope_the_same_call_is_served(version: str, world: World) -> None:
    claims = {"scope": "openid reports:write"}
    answer = world.exchange("tools/call", "ada", params={"name": "by_scope"}, version=version, claims=claims)

    assert answer.json["result"]["content"][0]["text"] == "done"


def test_a_permission_costs_two_questions_once_and_a_colleague_of_the_same_role_one(world: World) -> None:
    asked = world.api.asked

    assert world.says("by_permission", "ada") == "done"
    assert [path.rsplit("/", 1)[0] for path in asked] == ["/user_management", f"{ROLES}/{ENGINES}/roles"]

    assert [world.says("by_permission", "ada") for _ in range(5)] == ["done"] * 5
    assert len(asked) == 2
    world.call("by_permission", "grace at compilers")
    assert len(asked) == 4  # another role, another organisation

    world.rig.issuer.clock.now += CACHE_SECONDS
    assert world.says("by_permission", "ada") == "done"
    assert len(asked) == 6


TEMPLATE = {
    "role": "admin",
    "roles": ["admin"],
    "permissions": ["reports:write"],
    "feature_flags": ["report-export"],
}


def test_what_the_token_says_is_not_asked_of_workos(world: World) -> None:
    for tool in ("by_permission", "by_role", "by_flag"):
        answer = world.exchange("tools/call", "katherine", params={"name": tool}, claims=TEMPLATE)
        assert answer.json["result"]["content"][0]["text"] == "done"

    assert world.api.asked == []


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_template_that_renders_nothing_is_no_answer(nothing: Any, world: World) -> None:
    claims = {"permissions": nothing, "role": nothing, "roles": nothing, "feature_flags": nothing}

    assert "by_permission" in world.listed("ada", **claims)


def test_a_template_that_renders_an_empty_list_is_one(world: World) -> None:
    assert "by_permission" not in world.listed("ada", permissions=[])
    assert world.api.asked == [] or all("roles" not in path for path in world.api.asked)


def test_a_role_of_the_token_has_its_permissions_asked_for(world: World) -> None:
    assert "by_permission" in world.listed("katherine", role="admin")
    assert MEMBERSHIPS not in world.api.asked


BROKEN: dict[str, tuple[str, tuple[int, Any] | None]] = {
    "no answer at all": (MEMBERSHIPS, None),
    "a refusal": (MEMBERSHIPS, (500, {"message": "no"})),
    "the wrong key": (MEMBERSHIPS, (401, {"message": "Unauthorized"})),
    "roles that fail": (ROLES, (503, {})),
    "too many requests": (ROLES, (429, {"message": "slow down"})),
}
WRONG: dict[str, tuple[str, tuple[int, Any]]] = {
    "an answer of another shape": (MEMBERSHIPS, (200, {"data": "none"})),
    "a list of nonsense": (MEMBERSHIPS, (200, {"data": [{"id": 1}], "list_metadata": {}})),
    "another role": (ROLES, (200, {**ROLE, "slug": "owner"})),
}


@pytest.mark.matrix
@pytest.mark.parametrize("broken", BROKEN)
def test_what_cannot_be_known_now_is_denied_as_temporary(broken: str, world: World, log: Log) -> None:
    path, answer = BROKEN[broken]
    world.api.instead[path] = answer

    assert world.says("by_permission").startswith(TEMPORARY)
    assert log("grants could not be looked up")
    record = log("exchange")[-1]
    assert (record["reason"], record["decision_source"]) == ("undecidable", "workos")
    asked = len(world.api.asked)
    assert world.says("by_flag", "katherine").startswith(TEMPORARY)
    assert len(world.api.asked) == asked  # nobody waits again for a while, whatever they would ask

    world.api.instead.clear()
    world.rig.issuer.clock.now += FAILURE_PAUSE_SECONDS
    assert world.says("by_permission") == "done"


@pytest.mark.parametrize("wrong", WRONG)
def test_an_answer_that_cannot_be_right_is_neither_yes_nor_no_and_concerns_nobody_else(
    wrong: str, world: World, log: Log
) -> None:
    path, answer = WRONG[wrong]
    world.api.instead[path] = answer

    assert world.says("by_permission").startswith(TEMPORARY)
    assert log("grants could not be looked up")
    assert world.says("by_flag") == "done"


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_question_that_workos_refuses_is_not_told_as_temporary(status: int, world: World, log: Log) -> None:
    refusal = {"message": "Validation failed.", "errors": [{"field": "user_id", "code": "invalid"}]}
    world.api.instead[MEMBERSHIPS] = (status, refusal)

    said = world.says("by_permission")
    assert said.startswith("Whether you may use this cannot be found out: WorkOS refuses the question")
    assert "temporary" not in said
    (line,) = log("grants could not be looked up")
    assert (line["status"], line["errors"]) == (status, ["user_id invalid"])
    assert line["endpoint"] == "GET /user_management/organization_memberships"
    assert world.says("by_flag") == "done"  # it concerns nobody else


def test_a_refused_question_among_others_that_can_be_answered_is_told_as_lasting(world: World) -> None:
    world.api.instead["/authorization/organization_memberships"] = (422, {"message": "Validation failed."})

    assert "WorkOS refuses the question" in world.says("by_resource", report_id="report-q1")


@pytest.mark.matrix
@pytest.mark.parametrize("body", [b"<html>nginx</html>", b"Not Found"])
@pytest.mark.parametrize("status", [404, 400, 422])
def test_a_page_in_workoss_place_is_neither_no_membership_nor_a_refusal(
    status: int, body: bytes, world: World, log: Log
) -> None:
    world.api.instead[MEMBERSHIPS] = (status, body)

    assert world.says("by_permission").startswith(TEMPORARY)
    assert log("grants could not be looked up")[0]["failure"] == "not_json"


def test_a_role_of_the_token_that_is_no_slug_breaks_nothing(world: World) -> None:
    answer = world.exchange("tools/list", claims={"role": ".."})

    assert "by_permission" not in {tool["name"] for tool in answer.json["result"]["tools"]}
    assert answer.json["result"]["ttlMs"] == 0


def test_answers_from_before_do_not_serve_during_an_outage(world: World) -> None:
    world.call("by_permission")
    world.api.instead["/"] = (500, {})
    world.rig.issuer.clock.now += CACHE_SECONDS

    assert world.says("by_permission").startswith(TEMPORARY)
    assert world.says("everyone") == "done"


def test_lists_leave_out_what_cannot_be_known_and_are_not_kept(world: World) -> None:
    before = world.exchange("tools/list").json["result"]
    world.api.instead["/"] = (500, {})
    world.rig.issuer.clock.now += CACHE_SECONDS
    during = world.exchange("tools/list").json["result"]

    assert {tool["name"] for tool in during["tools"]} == ANYBODY | OPEN | {"write_down"}
    assert (before["ttlMs"], during["ttlMs"]) == (60_000, 0)
    assert before["cacheScope"] == during["cacheScope"] == "private"


def test_a_list_is_kept_no_longer_than_the_token_lives(world: World) -> None:
    known: dict[str, Any] = {"roles": [], "permissions": [], "feature_flags": []}

    def ttl(caller: str, **claims: Any) -> int:
        ttl: int = world.exchange("tools/list", caller, claims=claims).json["result"]["ttlMs"]
        return ttl

    now = world.rig.issuer.clock.now
    assert ttl("ada") == 60_000  # WorkOS was asked
    assert ttl("ada", **known) == ttl("machine") == 300_000
    assert ttl("ada", **known, exp=now + 10) == 10_000
    assert ttl("ada", **known, exp=now - 10) == 0


@pytest.mark.matrix
@pytest.mark.parametrize(
    "row",
    [
        {"user_id": "user_01MALLORY"},
        {"organization_id": COMPILERS},
        {"status": "inactive"},
        {"roles": [{"slug": ["admin"]}]},
    ],
    ids=["of another user", "of another organisation", "that is not active", "with a role that is none"],
)
def test_a_membership_that_was_not_asked_for_is_no_answer(row: dict[str, Any], world: World) -> None:
    key = {"authorization": f"Bearer {world.rig.settings.api_key}"}
    asked = httpx2.get(f"{world.api_url}{MEMBERSHIPS}?user_id={ADA}&organization_id={ENGINES}", headers=key)
    page = asked.json()
    page["data"][0] |= row
    world.api.instead[MEMBERSHIPS] = (200, page)

    assert world.says("by_permission").startswith(TEMPORARY)


def test_who_is_no_member_of_the_organisation_of_the_token_holds_nothing(world: World) -> None:
    answer = world.exchange(
        "tools/call", "katherine", params={"name": "by_permission"}, claims={"org_id": ENGINES}
    )

    assert "There is no such tool" in answer.text


def test_a_role_that_workos_no_longer_has_gives_nothing(world: World) -> None:
    world.api.instead[ROLES] = (404, {"message": "Role not found", "code": "entity_not_found"})

    assert "There is no such tool" in world.rig.refusal("by_permission", token=world.token("ada"))


def test_without_an_api_key_it_is_temporary_for_callers_and_named_in_the_log(
    monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    with running(monkeypatch, api_key=None) as world:
        assert world.says("by_permission").startswith(TEMPORARY)
    assert log("grants could not be looked up")


CHECKED: list[tuple[str, dict[str, Any], str]] = [
    ("ada", {"report_id": "report-q1"}, "done"),
    ("grace", {"report_id": "report-q1"}, "done"),
    (
        "ada",
        {"report_id": "report-q2"},
        "You may not use this: you need report:view on it. Its owner can share it",
    ),
    ("katherine", {"report_id": "report-q1"}, "You may not use this"),
    ("grace at compilers", {"report_id": "report-q1"}, "You may not use this"),
    ("alan", {"report_id": "report-q1"}, "You may not use this"),
    ("ada", {"report_id": "none"}, "You may not use this"),
    ("ada", {}, "The arguments do not fit"),
]


@pytest.mark.matrix
@pytest.mark.parametrize(("caller", "arguments", "said"), CHECKED)
def test_workos_decides_for_one_resource(caller: str, arguments: dict[str, Any], said: str, world: World) -> None:
    assert world.says("by_resource", caller, **arguments).startswith(said)


def test_a_membership_that_the_token_names_is_not_asked_for(world: World) -> None:
    claims = {"role": "admin", "organization_membership_id": "om_01LOCALADAANALYTICAL0000000"}
    params = {"name": "by_resource", "arguments": {"report_id": "report-q1"}}
    answer = world.exchange("tools/call", params=params, claims=claims)

    assert answer.json["result"]["content"][0]["text"] == "done"
    assert [path.rsplit("/", 1)[1] for path in world.api.asked] == ["check"]


def test_no_argument_of_one_caller_keeps_another_from_being_asked_about(world: World) -> None:
    world.call("by_resource", "grace", report_id="\ud800")
    world.call("by_resource", "grace", report_id="x" * 20_000)

    assert world.says("by_permission", "ada") == "done"


def test_a_check_sees_validated_arguments_and_defaults(world: World) -> None:
    assert world.says("by_argument") == "done"
    assert world.says("by_argument", number="4") == "done"
    assert world.says("by_default") == "You may not use this: you need an even number."
    assert world.says("by_argument", number=3) == "You may not use this: you need an even number."


def test_a_check_that_raises_denies_and_tells_nothing(world: World, log: Log) -> None:
    assert (
        world.says("by_broken_check", number=42)
        == "The tool failed unexpectedly. The cause is in the server's log."
    )
    assert log("tool raised")
    assert log("exchange")[-1]["reason"] == "check_failed"
    assert world.says("by_truth", number=42).startswith("You may not use this")
    assert world.says("by_session", session="mine") == "done"


def test_a_check_of_workos_that_fails_is_temporary(world: World, log: Log) -> None:
    world.api.instead["/authorization/organization_memberships"] = (500, {})

    assert world.says("by_resource", report_id="report-q1").startswith(TEMPORARY)
    assert log("exchange")[-1]["reason"] == "undecidable"


@pytest.mark.parametrize("version", ERAS)
def test_where_a_scope_would_do_instead_of_the_argument_the_client_can_step_up(version: str, world: World) -> None:
    def status(number: int) -> int:
        params = {"name": "by_argument_or_scope", "arguments": {"number": number}}
        return world.exchange("tools/call", params=params, version=version).status

    assert (status(2), status(3)) == (200, 403)


def test_the_record_says_where_the_decision_came_from(world: World, log: Log) -> None:
    world.call("everyone")
    world.call("by_permission")
    world.call("by_permission")
    world.exchange("tools/call", params={"name": "by_permission"}, claims=TEMPLATE)
    world.call("by_permission_openly", "katherine", note="hello")
    world.exchange("tools/call", params={"name": "by_scope"})

    lines = log("exchange")
    assert [line["decision_source"] for line in lines] == ["none", "workos", "cache", "token", "workos", "none"]
    assert [line["outcome"] for line in lines] == ["ok"] * 4 + ["denied"] * 2
    assert [line.get("reason") for line in lines[4:]] == ["missing_permission", "missing_scope"]
    assert lines[4]["needs"] == "the permission reports:write"
    assert lines[4]["arguments"] == {"note": "hello"}
    assert lines[5]["status"] == 403
