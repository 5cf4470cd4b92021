"""`make provision` sets up an empty environment once, completes a half-done one, and leaves others' work alone."""

from pathlib import Path
from typing import Any

import pytest

from infra.operator.access_token.decoded import decode
from infra.operator.provision import STEPS, main
from infra.operator.provisioning.dashboard import check_dashboard
from infra.operator.provisioning.jwt_template import CLAIMS, TEMPLATE
from tests.infra.operator.empty_workos import ADA, ALL, ENGINES, GRACE, KEY, EmptyWorkOS, seen

Printed = pytest.CaptureFixture[str]
EVERY_STEP = {each for each in STEPS if each not in ("dashboard", "roles")}
"""What changes an empty environment. The roles that the examples name are there from the beginning."""


def test_an_empty_environment_is_set_up_once(workos: EmptyWorkOS) -> None:
    planned = workos.changes(**ALL)
    status, applied = workos.provision(**ALL, APPLY="1")
    state = workos.state()
    again, unchanged = workos.provision(**ALL, APPLY="1")

    assert planned.keys() == EVERY_STEP
    assert (status, again) == (0, 0)
    assert {each["check"] for each in applied if each["status"] == "change"} == EVERY_STEP
    assert [each for each in unchanged if each["status"] == "change"] == []
    assert workos.state() == state


@pytest.mark.broad
def test_a_dry_run_changes_nothing_and_says_what_the_real_one_does(workos: EmptyWorkOS) -> None:
    workos.ask("PUT", "/user_management/jwt_template", {"content": TEMPLATE})
    before = workos.state()
    planned = workos.changes(**ALL)

    assert workos.state() == before
    assert workos.secrets == []
    applied = workos.changes(**ALL, APPLY="1")
    applied["machine"] = [each.partition(": WORKOS_M2M")[0] for each in applied["machine"]]
    assert applied == planned


@pytest.mark.broad
def test_a_caller_whose_role_got_the_permission_is_served(workos: EmptyWorkOS) -> None:
    unused = "no role has the permission reports:read"
    workos.provision(**ALL, APPLY="1")
    before = [each["seen"] for each in workos.provision(**ALL)[1] if each["status"] == "warn"]
    workos.ask("POST", "/authorization/roles/member/permissions", {"slug": "reports:read"})

    assert "result" in workos.call("list_reports", GRACE)
    assert workos.call("list_reports", ADA)["error"]["message"].startswith("There is no such tool")
    [warned] = [each for each in before if unused in each]
    assert "list_reports" in warned
    assert unused not in str(workos.provision(**ALL))


@pytest.mark.broad
def test_tokens_carry_the_claims_of_the_template(workos: EmptyWorkOS) -> None:
    workos.provision(ONLY="jwt-template", APPLY="1")
    token = decode(workos.stack.token(user=GRACE, organization=ENGINES))

    assert token is not None
    assert token.claims is not None
    assert {name: token.claims[name] for name in CLAIMS} == {
        "role": "member",
        "roles": ["member"],
        "organization_membership_id": "om_01LOCALGRACEANALYTICAL00000",
    }


@pytest.mark.broad
def test_the_events_that_the_server_sends_fit_the_schema(workos: EmptyWorkOS) -> None:
    workos.provision(**ALL, APPLY="1")
    workos.call("list_reports")
    events: list[dict[str, Any]] = []
    while len(events) < 2:
        # An event that WorkOS did not take within 250 ms is sent while a later call runs.
        workos.call("whoami")
        events = [each["event"] for each in workos.stack.hook("GET", "audit-logs/events")["events"]]
        assert not [each for each in workos.stack.lines if "audit event lost" in each]

    by_tool = {each["targets"][0]["id"]: each["metadata"] for each in events}
    assert by_tool["list_reports"]["reason"] == "missing_permission"
    assert {"outcome", "ms", "client_id"} <= by_tool["whoami"].keys()


@pytest.mark.broad
def test_what_somebody_made_by_hand_stays_as_it_is(workos: EmptyWorkOS) -> None:
    workos.ask("PUT", "/user_management/jwt_template", {"content": '{"email": "{{ user.email }}"}'})
    schema: dict[str, Any] = {
        "targets": [{"type": "tool"}],
        "metadata": {"type": "object", "properties": {"outcome": {}}, "additionalProperties": False},
    }
    workos.ask("POST", "/audit_logs/actions/mcp.tool_called/schemas", schema)
    workos.ask("POST", "/authorization/permissions", {"slug": "reports:read", "name": "Our own words"})
    workos.ask("POST", "/user_management/cors_origins", {"origin": "https://other.example.com"})
    mine = {"application_type": "m2m", "name": "Nightly", "organization_id": ENGINES}
    machine = workos.ask("POST", "/connect/applications", mine)
    workos.ask("POST", f"/connect/applications/{machine['id']}/client_secrets", {})

    status, found = workos.provision(**ALL, APPLY="1")

    assert status == 0
    assert workos.ask("GET", "/user_management/jwt_template")["content"] == '{"email": "{{ user.email }}"}'
    [template] = [each for each in found if each["check"] == "jwt-template"]
    assert template["status"] == "warn"
    assert '"role": {{ organization_membership.role }}' in template["fix"]
    schemas = workos.ask("GET", "/audit_logs/actions/mcp.tool_called/schemas")["data"]
    assert [each["version"] for each in schemas] == [1]
    [warned] = [each for each in found if each["check"] == "audit-schemas" and each["status"] == "warn"]
    assert "add target prompt, target resource, metadata client_id" in warned["fix"]
    assert workos.ask("GET", "/authorization/permissions/reports:read")["name"] == "Our own words"
    origins = workos.ask("GET", "/user_management/cors_origins")["data"]
    assert {each["origin"] for each in origins} == {"https://other.example.com", "https://app.example.com"}
    assert seen(found, "machine") == [("pass", f"= Nightly is {machine['client_id']} and has a secret")]
    assert workos.secrets == []


@pytest.mark.broad
def test_steps_are_left_out_or_chosen(workos: EmptyWorkOS) -> None:
    left = workos.changes(**ALL, SKIP="audit-schemas,cors-origins")
    chosen = workos.provision(**ALL, ONLY="redirect-uris cors-origins", SKIP="cors-origins")[1]

    assert left.keys() == EVERY_STEP - {"audit-schemas", "cors-origins"}
    assert {each["check"] for each in chosen} == {"redirect-uris"}


@pytest.mark.matrix
@pytest.mark.parametrize("variable", ["ONLY", "SKIP"])
def test_a_step_that_does_not_exist_is_refused_before_any_request(
    variable: str, workos: EmptyWorkOS, capsys: Printed
) -> None:
    assert main({**workos.environment, variable: "permission"}) == 2
    assert f"{variable}: permission is not a step; choose from indicator, jwt-template" in capsys.readouterr().err


@pytest.mark.broad
def test_a_wrong_key_is_said_once(workos: EmptyWorkOS) -> None:
    status, found = workos.provision(**ALL, APPLY="1", WORKOS_API_KEY="sk_wrong")

    assert status == 1
    [failed] = [each for each in found if each["status"] == "fail"]
    assert failed["seen"] == "not looked up: WorkOS refuses the API key (HTTP 401)"
    assert "sk_wrong" not in str(found)
    assert {each["check"] for each in found if each["seen"].startswith("not checked: WorkOS refuses")} == {
        each for each in STEPS if each not in ("indicator", "dashboard")
    }


@pytest.mark.broad
def test_a_key_that_may_not_do_everything_does_the_rest(workos: EmptyWorkOS) -> None:
    workos.fail(path="/authorization/permissions", status=403)
    status, found = workos.provision(**ALL, APPLY="1")

    assert status == 1
    [(state, why)] = seen(found, "permissions")
    assert (state, why.startswith("not looked up: WorkOS does not let this API key do GET")) == ("fail", True)
    changed = {each["check"] for each in found if each["status"] == "change"}
    assert changed == EVERY_STEP - {"permissions"}


@pytest.mark.broad
@pytest.mark.parametrize("status", [429, 503])
def test_an_outage_in_the_middle_is_completed_by_the_same_command(status: int, workos: EmptyWorkOS) -> None:
    """The steps before are done, the list of actions answers, and then WorkOS fails."""
    workos.fail(path="/audit_logs/actions/moon.seen/schemas", status=status, retry_after=30)
    failing = {"AUDIT_LOG_ACTIONS": "moon.seen:moon star.seen:star"}

    code, found = workos.provision(**{**ALL, **failing}, APPLY="1")

    assert code == 1
    [failed] = [each for each in found if each["status"] == "fail"]
    assert failed["fix"] == "try again in 30 s"
    [_, (_, untried)] = seen(found, "audit-schemas")
    assert seen(found, "audit-schemas")[0][0] == "fail"
    assert "not done: + schema of moon.seen" in seen(found, "audit-schemas")[0][1]
    assert "not tried: + schema of star.seen, with the targets star; + schema of mcp.tool_called" in untried
    assert {each["check"] for each in found if each["status"] == "change"} == EVERY_STEP - {"audit-schemas"}

    workos.stack.hook("DELETE", "failures")
    assert workos.changes(**{**ALL, **failing}, APPLY="1").keys() == {"audit-schemas"}
    assert workos.changes(**{**ALL, **failing}, APPLY="1") == {}


@pytest.mark.broad
def test_what_has_no_api_is_named_with_the_page_to_click(workos: EmptyWorkOS) -> None:
    found = {each["check"]: each for each in workos.provision(ONLY="dashboard")[1]}

    assert "Connect, Configuration: switch on Client ID Metadata Document" in found["client-registration"]["fix"]
    assert "Authentication, Sessions: set the access token duration" in found["token-duration"]["seen"]


def test_scopes_that_authkit_does_not_offer_are_named() -> None:
    metadata: dict[str, object] = {"scopes_supported": ["openid", "reports:write"]}
    findings = {each.check: each for each in check_dashboard(metadata, ("reports:write", "reports:burn"))}

    assert findings["scopes"].seen == "tools require reports:burn, which AuthKit does not offer"
    assert "scopes" not in {each.check for each in check_dashboard(metadata, ("reports:write",))}


@pytest.mark.broad
def test_the_stages_parameters_say_what_the_variables_do_not(workos: EmptyWorkOS, tmp_path: Path) -> None:
    file = tmp_path / "samconfig.toml"
    file.write_text(
        "[dev.deploy.parameters]\n"
        'stack_name = "x-dev"\ns3_prefix = "x-dev"\nregion = "eu-central-1"\n'
        'parameter_overrides = "AuditLogAction=mcp.used ServeExamples=true '
        'AllowedOrigins=\\"https://a.example https://b.example\\""\n'
    )
    wanted = {**workos.environment, "JSON": "1", "STAGE": "dev", "ONLY": "audit-schemas,cors-origins"}
    workos.capture.readouterr()
    assert main(wanted, file=file) == 0
    printed = workos.capture.readouterr().out

    assert "+ schema of mcp.used" in printed
    assert all(f"+ https://{each}.example" in printed for each in "ab")
    assert main({**wanted, "ALLOWED_ORIGINS": "https://c.example"}, file=file) == 0
    assert "+ https://c.example" in workos.capture.readouterr().out
    assert main({**wanted, "STAGE": "moon"}, file=file) == 2
    assert "samconfig.toml has no [moon.deploy.parameters]" in workos.capture.readouterr().err
    assert main({**wanted, "EXAMPLES": "", "ONLY": "permissions"}, file=file) == 0
    assert "+ permission reports:read" in workos.capture.readouterr().out


@pytest.mark.matrix
@pytest.mark.parametrize("text", ["document viewed:", "a..b", "document.viewed:a++b", "x:y z"])
def test_actions_that_are_none_are_refused(text: str, workos: EmptyWorkOS, capsys: Printed) -> None:
    assert main({**workos.environment, "AUDIT_LOG_ACTIONS": text}) == (2 if text != "x:y z" else 1)
    assert KEY not in capsys.readouterr().err
