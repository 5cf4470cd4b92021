"""Tools as their authors write them and as clients see them."""

import asyncio
import json
from datetime import date
from typing import Any

import pytest

from app.auth.signing_keys import SigningKeys
from app.auth.verifier import TokenRules, Verifier
from app.authoring import NoSession, Session, get_session
from examples.tools.add_working_days import add_working_days
from tests.catalogues import failing, many
from tests.issuer import ABSENT, CLIENT_ID, RESOURCE
from tests.log import Log
from tests.rig import ERAS, Rig, with_settings


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig.with_examples()


def listed(rig: Rig, name: str) -> dict[str, Any]:
    tools: list[dict[str, Any]] = rig.exchange("tools/list").json["result"]["tools"]
    return next(tool for tool in tools if tool["name"] == name)


@pytest.mark.parametrize("version", ERAS)
def test_whoami_says_who_calls(version: str, rig: Rig) -> None:
    token = rig.issuer.token(role="admin", permissions=["users:write", "users:read"])

    assert rig.call("whoami", token=token, version=version)["structuredContent"] == {
        "user_id": "user_01ALICE",
        "organization_id": "org_01ACME",
        "client_id": "client_01CURSOR",
        "scopes": ["email", "openid", "profile"],
        "role": "admin",
        "permissions": ["users:read", "users:write"],
        "is_machine": False,
        "expires_at": "2026-09-21T14:18:20Z",
    }


def test_whoami_knows_a_machine() -> None:
    rig = with_settings(allow_machine_tokens=True)

    seen = rig.call("whoami", token=rig.issuer.sign(rig.issuer.machine_claims()))["structuredContent"]

    assert (seen["user_id"], seen["is_machine"]) == ("client_01MACHINE", True)


def test_whoami_can_name_any_expiry(rig: Rig) -> None:
    seen = rig.call("whoami", token=rig.issuer.token(exp=1e300))["structuredContent"]

    assert seen["expires_at"].startswith("9999-12-31")


def test_whoami_needs_no_arguments_and_hides_the_session(rig: Rig) -> None:
    tool = listed(rig, "whoami")

    assert tool["inputSchema"].get("properties", {}) == {}
    assert tool["title"] == "Who am I"
    assert tool["annotations"]["readOnlyHint"] is True
    assert tool["outputSchema"]["properties"].keys() >= {"user_id", "organization_id", "scopes", "expires_at"}


def test_a_caller_cannot_pass_a_session(rig: Rig) -> None:
    seen = rig.call("whoami", {"session": {"user_id": "user_01EVE"}})["structuredContent"]

    assert seen["user_id"] == "user_01ALICE"


@pytest.mark.parametrize("version", ERAS)
def test_arguments_are_typed_and_the_result_is_structured(version: str, rig: Rig) -> None:
    result = rig.call("add_working_days", {"start": "2026-11-20", "days": 1}, version=version)

    assert result["structuredContent"] == {"day": "2026-11-23", "weekday": "Monday"}


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-23", 5, "2026-11-30"),
        ("2026-11-27", 1, "2026-11-30"),
        ("2026-11-28", 5, "2026-12-04"),
        ("2026-11-29", 1, "2026-11-30"),
    ],
)
def test_working_days_pass_over_weekends(start: str, days: int, end: str, rig: Rig) -> None:
    result = rig.call("add_working_days", {"start": start, "days": days})

    assert result["structuredContent"]["day"] == end


def test_a_tool_error_reaches_the_caller_as_its_author_wrote_it(rig: Rig) -> None:
    result = rig.call("add_working_days", {"start": "9999-12-30"})

    assert result["isError"] is True
    assert result["content"][0]["text"] == "The calendar ends with the year 9999; start earlier."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "start: is required"),
        ({"start": "soon"}, "start: should be a date, as YYYY-MM-DD"),
        ({"start": "2026-11-23", "days": 0}, "days: should be greater than or equal to 1"),
    ],
)
def test_arguments_that_do_not_fit_are_named_with_what_was_expected(
    arguments: dict[str, Any], said: str, rig: Rig
) -> None:
    result = rig.call("add_working_days", arguments)

    assert result["isError"] is True
    assert said in result["content"][0]["text"]
    assert "pydantic" not in result["content"][0]["text"]


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("kind", ["untold", "wrong type"])
def test_what_a_tool_did_not_mean_to_say_stays_in_the_log(kind: str, version: str, log: Log) -> None:
    result = Rig(tools=many).call("raises", {"kind": kind}, version=version)

    assert result["isError"] is True
    assert result["content"][0]["text"] == "The tool failed unexpectedly. The cause is in the server's log."
    (line,) = log("tool raised")
    assert line["tool"] == "raises"
    assert line["exception_name"] in {"_Secretive", "ValidationError"}


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("code", [-32602, -32603, -32021])
def test_what_another_server_said_to_a_tool_stays_in_the_log(code: int, version: str, log: Log) -> None:
    answer = Rig(tools=failing).exchange(
        "tools/call", {"name": "proxies", "arguments": {"code": code}}, version=version
    )

    result = answer.json["result"]
    assert result["content"][0]["text"] == "The tool failed unexpectedly. The cause is in the server's log."
    assert result["isError"] is True
    assert "sk_secret" not in answer.text
    assert log("tool raised")[0]["tool"] == "proxies"


def test_a_parameter_that_the_client_cannot_resolve_says_what_it_has_to_declare() -> None:
    answer = Rig(tools=failing).exchange("tools/call", {"name": "resolves", "arguments": {}}, capabilities={})

    assert (answer.status, answer.json["error"]["code"]) == (400, -32021)
    assert answer.json["error"]["data"] == {"requiredCapabilities": {"elicitation": {"form": {}}}}


def test_a_sync_tool_works_and_knows_its_caller() -> None:
    result = Rig(tools=many).call("sync_tool", {"number": 21})

    assert result["structuredContent"] == {
        "double": 42,
        "caller": "user_01ALICE",
        "same": True,
        "elsewhere": True,
    }


def test_dependencies_are_filled_like_in_fastapi() -> None:
    rig = Rig(tools=many)

    assert rig.call("depends")["structuredContent"] == {"result": "tenant of org_01ACME, once"}
    assert list(listed(rig, "depends")["inputSchema"]["properties"]) == ["again"]


def test_a_tool_is_a_plain_function_in_a_unit_test() -> None:
    day = asyncio.run(add_working_days(date(2026, 11, 20), 1))

    assert day.weekday == "Monday"


def test_get_session_outside_a_request_says_what_to_do() -> None:
    with pytest.raises(NoSession, match="take the caller as a parameter"):
        get_session()


def test_the_claims_of_a_session_are_read_only(rig: Rig) -> None:
    session = _session(rig, address={"street": ["Main"]}, act={"sub": "support@example.com"})

    with pytest.raises(TypeError):
        session.claims["sub"] = "user_01EVE"  # type: ignore[index]
    with pytest.raises(TypeError):
        session.claims["address"]["street"] = ()
    assert session.claims["address"]["street"] == ("Main",)
    assert session.claims["act"] == {"sub": "support@example.com"}


@pytest.mark.parametrize(
    ("claims", "role", "roles"),
    [
        ({}, None, ()),
        ({"role": "admin"}, "admin", ("admin",)),
        ({"role": ["admin", "dev"]}, "admin", ("admin", "dev")),
        ({"roles": ["dev", "ops"]}, "dev", ("dev", "ops")),
        ({"role": "ops", "roles": ["dev", "ops"]}, "ops", ("ops", "dev")),
        ({"role": "", "roles": ""}, None, ()),
        ({"role": 5, "roles": {"a": 1}}, None, ()),
    ],
)
def test_roles_are_read_in_every_form_a_template_may_give_them(
    claims: dict[str, Any], role: str | None, roles: tuple[str, ...], rig: Rig
) -> None:
    session = _session(rig, **claims)

    assert (session.role, session.roles) == (role, roles)


def test_permissions_and_flags_may_be_text_or_lists(rig: Rig) -> None:
    session = _session(rig, permissions="users:read", feature_flags=["beta", "", 5], sid=ABSENT)

    assert session.permissions == {"users:read"}
    assert session.feature_flags == {"beta"}
    assert session.session_id is None


def _session(rig: Rig, **claims: Any) -> Session:
    """The Session that a tool would get for this token."""
    keys = SigningKeys(f"{rig.issuer.url}/oauth2/jwks", rig.issuer.fetch, rig.issuer.clock)
    rules = TokenRules(issuer=rig.issuer.url, resource=RESOURCE, client_id=CLIENT_ID)
    return asyncio.run(Verifier(rules, keys, rig.issuer.clock).verify(rig.issuer.token(**claims)))


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("tool", ["cancels", "cancels_itself", "exits", "exits_in_a_thread"])
def test_not_even_the_end_of_the_program_ends_the_exchange(tool: str, version: str, log: Log) -> None:
    rig = Rig(tools=failing)

    result = rig.call(tool, version=version)

    assert result["isError"] is True
    assert result["content"][0]["text"] == "The tool failed unexpectedly. The cause is in the server's log."
    assert log("exchange")[0]["outcome"] == "tool_error"
    assert rig.exchange("tools/list", version=version).status == 200


def test_of_a_hundred_thousand_bad_arguments_the_first_is_told() -> None:
    result = Rig(tools=failing).call("many_numbers", {"numbers": [1, *["x"] * 100_000]})

    assert result["content"][0]["text"].endswith("numbers.1: should be a whole number")
    assert len(json.dumps(result)) < 1000


def test_a_key_that_the_caller_made_up_is_not_repeated() -> None:
    result = Rig(tools=failing).call("many_numbers", {"numbers": [], "names": {"<script>": "x"}})

    assert "names.*: should be a whole number" in result["content"][0]["text"]


def test_a_dependency_may_be_the_default_and_is_called_once() -> None:
    rig = Rig(tools=many)

    assert rig.call("depends_by_default")["structuredContent"] == {"result": "user_01ALICE 1"}
    assert listed(rig, "depends_by_default")["inputSchema"].get("properties", {}) == {}


@pytest.mark.parametrize("version", ERAS)
def test_a_tool_that_does_not_end_is_ended_before_the_gateway_would(version: str) -> None:
    rig = Rig(tools=many, tool_seconds=0.05)

    result = rig.call("slow", version=version)

    assert result["isError"] is True
    assert result["content"][0]["text"].startswith("The tool was ended after 0.05 seconds.")
    assert rig.call("sync_tool", {"number": 1}, version=version)["isError"] is False
