"""`make provision`: a dry run first, then once and never twice; what the dashboard has to do is named."""

from collections.abc import Iterator

import pytest

from infra.operator.provision import main
from tests.e2e.stack import Stack, running
from tests.infra.operator.site import Canned, Received
from tests.infra.operator.world import INDICATORS, METADATA, World, indicators, world

Printed = pytest.CaptureFixture[str]
CREATE = "POST /user_management/authkit_oauth_resources"
TEMPLATE = "GET /user_management/jwt_template"
ACTIONS = "GET /audit_logs/actions"


@pytest.fixture
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("authkit")) as stack:
        yield stack


@pytest.fixture
def healthy() -> Iterator[World]:
    with world() as healthy:
        # A team's tools may require more, of which this WorkOS knows nothing: test_provision_steps.py has that.
        healthy.environment |= {"URL": healthy.url, "SKIP": "permissions,roles"}
        yield healthy


def calls(world: World) -> list[str]:
    return [f"{each.method} {each.path.partition('?')[0]}" for each in world.workos.received]


def test_a_new_server_is_registered_in_the_local_workos_once(stack: Stack, capsys: Printed) -> None:
    environment = {
        "URL": "https://new.example.com",
        "STAGE": "dev",
        "WORKOS_API_KEY": "sk_test_local",
        "WORKOS_BASE_URL": stack.authkit_url,
        "WORKOS_AUTHKIT_DOMAIN": stack.authkit_url,
    }
    printed = []
    for apply in ("", "", "1", "1"):
        assert main({**environment, "APPLY": apply}) == 0
        printed.append(" ".join(capsys.readouterr().out.split()))

    assert [each.partition(": ")[0] for each in printed] == ["WorkOS, with the settings of stage dev"] * 4
    assert ["CHANGE indicator + https://new.example.com/mcp" in each for each in printed] == [
        True,
        True,
        True,
        False,
    ]
    assert ["APPLY=1 does it" in each for each in printed] == [True, True, False, False]
    assert "pass indicator = https://new.example.com/mcp is registered" in printed[3]
    assert "Client ID Metadata Document" in printed[3]


@pytest.mark.parametrize("apply", ["", "0", "no"])
def test_a_dry_run_only_reads(apply: str, healthy: World, capsys: Printed) -> None:
    healthy.workos.change(INDICATORS, body=indicators())

    main({**healthy.environment, "APPLY": apply})

    assert {call.partition(" ")[0] for call in calls(healthy)} == {"GET"}
    assert "Nothing was changed. The same command with APPLY=1 does it." in capsys.readouterr().out


def test_nothing_is_ever_deleted(healthy: World) -> None:
    healthy.workos.change(INDICATORS, body=indicators(f"{healthy.url}/"))
    healthy.workos.answers[CREATE] = Canned(201, {})
    healthy.workos.answers["PUT /user_management/jwt_template"] = Canned(200, {})

    assert main({**healthy.environment, "APPLY": "1"}) == 0
    assert not [call for call in calls(healthy) if call.startswith(("DELETE", "PATCH"))]


def test_the_first_indicator_of_an_environment_comes_with_a_warning(healthy: World, capsys: Printed) -> None:
    healthy.workos.change(INDICATORS, body=indicators())

    assert main(healthy.environment) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "as the default" in printed
    assert "from now on AuthKit refuses the others (invalid_target)" in printed


def test_an_indicator_that_differs_by_a_slash_is_shown_and_left_alone(healthy: World, capsys: Printed) -> None:
    healthy.workos.change(INDICATORS, body=indicators(f"{healthy.url}/"))

    main(healthy.environment)

    assert "warn    similar" in capsys.readouterr().out


def test_somebody_who_was_faster_is_no_failure(healthy: World, capsys: Printed) -> None:
    """The API says "already exists", and the list then has it."""
    bodies = [indicators(), indicators(healthy.url)]
    healthy.workos.change(INDICATORS, body=bodies[0])
    healthy.workos.answers[CREATE] = Canned(422, {"message": "already exists"})
    refused = main({**healthy.environment, "ONLY": "indicator", "APPLY": "1"})
    usual = healthy.workos.answer

    def registered_meanwhile(request: Received) -> Canned:
        answer = usual(request)
        if request.method == "POST":
            healthy.workos.change(INDICATORS, body=bodies[1])
        return answer

    healthy.workos.answer = registered_meanwhile  # type: ignore[method-assign]
    capsys.readouterr()

    assert (refused, main({**healthy.environment, "ONLY": "indicator", "APPLY": "1"})) == (1, 0)
    assert "somebody else did it at the same time" in capsys.readouterr().out


def test_all_pages_of_indicators_are_read(healthy: World, capsys: Printed) -> None:
    first = indicators("https://a.example/mcp")
    first["list_metadata"]["after"] = "authkit_oauth_resource_01"
    pages = {"": first, "after": indicators(healthy.url)}
    usual = healthy.workos.answer

    def paged(request: object) -> Canned:
        given = usual(request)  # type: ignore[arg-type]
        path = str(getattr(request, "path", ""))
        return Canned(200, pages["after" if "after=" in path else ""]) if "oauth_resources" in path else given

    healthy.workos.answer = paged  # type: ignore[method-assign]

    assert main(healthy.environment) == 0
    assert "is registered" in capsys.readouterr().out


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "CHANGE jwt-template + JWT template"),
        ('{"email": "{{user.email}}"}', "adds no role and no roles and no organization_membership_id"),
        ('{"role": 1, "organization_membership_id": 2}', "adds role without roles"),
        ('{"aud": "x"}', "overrides the resource indicator"),
        ('{"role": 1, "roles": [], "organization_membership_id": 2}', "pass jwt-template"),
    ],
)
def test_the_jwt_template_is_looked_at(content: str | None, said: str, healthy: World, capsys: Printed) -> None:
    if content is not None:
        healthy.workos.answers[TEMPLATE] = Canned(200, {"object": "jwt_template", "content": content})

    assert main(healthy.environment) == 0
    assert said in " ".join(capsys.readouterr().out.split())


def test_audit_log_actions_that_tools_write_have_to_be_configured(healthy: World, capsys: Printed) -> None:
    row = {"name": "document.viewed", "schema": {"targets": []}}
    healthy.workos.answers[ACTIONS] = Canned(200, {"data": [row], "list_metadata": {}})

    assert main({**healthy.environment, "AUDIT_LOG_ACTIONS": "document.viewed, report.exported, moon.seen"}) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "document.viewed exists and does not allow target document" in printed
    assert "Audit Logs, Configuration, document.viewed: add target document" in printed
    assert "+ schema of report.exported, with the targets report" in printed
    assert "FAIL audit-schemas moon.seen does not exist, and its targets are not known" in printed


def test_an_authkit_without_cimd_is_told_where_to_click(healthy: World, capsys: Printed) -> None:
    healthy.workos.change_document(METADATA, client_id_metadata_document_supported=None)

    main(healthy.environment)

    assert "Connect, Configuration: switch on Client ID Metadata Document" in " ".join(
        capsys.readouterr().out.split()
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"URL": "https://mcp.example.com/dev/mcp"}, "BASE_URL followed by /mcp"),
        ({"URL": "http://mcp.example.com/mcp"}, "BASE_URL followed by /mcp"),
        ({"URL": ""}, "URL is not set"),
        ({"WORKOS_API_KEY": ""}, "WORKOS_API_KEY is not set"),
    ],
)
def test_what_cannot_be_registered_is_refused_before_any_call(
    changes: dict[str, str], said: str, healthy: World, capsys: Printed
) -> None:
    assert main({**healthy.environment, **changes, "APPLY": "1"}) == 2
    assert said in capsys.readouterr().err
    assert healthy.workos.received == []


@pytest.mark.matrix
@pytest.mark.parametrize("status", [403, 404, 422, 429, 500])
def test_an_endpoint_that_does_not_work_stops_nothing_else(status: int, healthy: World, capsys: Printed) -> None:
    healthy.workos.change(INDICATORS, status=status, body={"message": "Cannot GET"})
    healthy.workos.answers[TEMPLATE] = Canned(
        200, {"content": '{"role": 1, "roles": [], "organization_membership_id": 2}'}
    )
    schema = {"targets": [{"type": "document"}]}
    row = {"name": "document.viewed", "schema": schema}
    healthy.workos.answers[ACTIONS] = Canned(200, {"data": [row], "list_metadata": {}})

    assert main({**healthy.environment, "APPLY": "1", "AUDIT_LOG_ACTIONS": "document.viewed"}) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "FAIL indicator not looked up: " in printed
    assert f"(HTTP {status}" in printed or f"HTTP {status} to" in printed
    assert all(f"pass {name}" in printed for name in ("client-registration", "jwt-template", "audit-schemas"))


@pytest.mark.matrix
@pytest.mark.parametrize("where", [TEMPLATE, ACTIONS])
def test_what_could_not_be_looked_at_is_named_with_its_endpoint(
    where: str, healthy: World, capsys: Printed
) -> None:
    healthy.workos.answers[where] = Canned(500 if where == TEMPLATE else 404, {"message": "none of that"})

    assert main({**healthy.environment, "AUDIT_LOG_ACTIONS": "document.viewed"}) == 1
    printed = " ".join(capsys.readouterr().out.split())
    name, why = ("jwt-template", "WorkOS is busy") if where == TEMPLATE else ("audit-schemas", "WorkOS has no")
    assert f"FAIL {name} not looked up: {why}" in printed


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Canned(200), "gives HTTP 200 without a JSON object"),
        (Canned(204), "gives HTTP 204 without a JSON object"),
        (Canned(200, b"<html>a page</html>"), "gives HTTP 200 without a JSON object"),
        (Canned(200, {"object": "list"}), "gives an answer without a list"),
        (
            Canned(302, headers={"location": "https://login.proxy.example/x?y=z"}),
            "a redirect to login.proxy.example",
        ),
        (Canned(301, headers={"location": "/elsewhere"}), "a redirect to a path of its own"),
        (Canned(301, headers={"location": "https://[x"}), "a redirect to an address that is not a URL"),
    ],
    ids=["empty", "no content", "a page", "no list", "redirect", "redirect to a path", "redirect to no URL"],
)
def test_an_answer_that_is_not_workoss_is_no_empty_list(
    answer: Canned, said: str, healthy: World, capsys: Printed
) -> None:
    healthy.workos.answers[INDICATORS] = answer

    assert main({**healthy.environment, "APPLY": "1"}) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert said in printed
    assert "that is not the WorkOS API" in printed
    assert "first indicator of this WorkOS environment" not in printed
    assert "skip jwt-template, audit-schemas, cors-origins, redirect-uris, machine: not checked" in printed
    assert "not checked: GET /user_management/authkit_oauth_resources" in printed
    assert CREATE not in calls(healthy)


def test_a_template_without_text_is_not_taken_for_one(healthy: World, capsys: Printed) -> None:
    healthy.workos.answers[TEMPLATE] = Canned(200, {"object": "jwt_template"})

    main(healthy.environment)

    assert "not looked up: GET /user_management/jwt_template" in " ".join(capsys.readouterr().out.split())


def test_an_api_key_that_workos_refuses_is_a_failure_with_its_fix(healthy: World, capsys: Printed) -> None:
    healthy.workos.change(INDICATORS, status=401, body={"message": "Unauthorized"})

    assert main({**healthy.environment, "APPLY": "1"}) == 1
    printed = capsys.readouterr().out
    assert "dashboard: API Keys" in printed
    assert CREATE not in calls(healthy)
