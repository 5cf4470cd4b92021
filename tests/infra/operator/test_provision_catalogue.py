"""What is read of a team's tools for WorkOS, and what of it WorkOS could not take."""

import asyncio
import sys
from pathlib import Path

import pytest

from infra.operator.finding import Finding
from infra.operator.provision import main
from infra.operator.provisioning.audit_schemas import SERVER_METADATA, SERVER_TARGETS, AuditSchemaStep
from infra.operator.provisioning.catalogue import CatalogueUnreadable, read_required_grants
from infra.operator.provisioning.permissions import PermissionStep, RoleStep
from infra.operator.provisioning.plan import Change, Item
from infra.operator.web import Web
from infra.operator.workos_api import WorkOSApi
from tests.infra.operator.site import Canned, Site


def test_the_examples_require_these() -> None:
    required = read_required_grants(examples=True)

    assert "list_members" in required.permissions["members:manage"]
    assert {"list_reports", "read_report"} <= set(required.permissions["reports:read"])
    assert "list_members" in required.roles["admin"]
    # profile and email, which my_profile requires, are offered by every AuthKit.
    assert required.scopes == ()


def test_without_the_examples_only_the_teams_own_count() -> None:
    own, all_ = read_required_grants(examples=False), read_required_grants(examples=True)

    assert "list_members" not in str(own)
    assert own.permissions.keys() <= all_.permissions.keys()


def test_a_tool_that_cannot_be_served_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "examples"
    for name in ("tools", "prompts", "resources"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    (folder / "__init__.py").touch()
    (folder / "tools" / "broken.py").write_text("import does_not_exist\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [each for each in sys.modules if each == "examples" or each.startswith("examples.")]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(CatalogueUnreadable, match=r"broken\.py"):
        read_required_grants(examples=True)


def plan(step: PermissionStep | RoleStep, rows: list[dict[str, object]]) -> list[Item]:
    with Site() as site:
        listed = {"data": rows, "list_metadata": {}}
        site.answers = {f"GET /authorization/{each}": Canned(200, listed) for each in ("permissions", "roles")}
        return asyncio.run(step.plan(WorkOSApi(Web(), "sk_test", site.url)))


def test_a_name_that_workos_does_not_take_is_named_with_its_tool() -> None:
    [refused] = plan(PermissionStep({"Reports:Read": ["read_report"]}), [])

    assert isinstance(refused, Finding)
    assert 'permission("Reports:Read") in read_report' in refused.seen
    assert "lower-case" in refused.fix


def test_a_role_is_created_and_those_without_permissions_are_named() -> None:
    rows: list[dict[str, object]] = [{"slug": "admin", "permissions": []}]
    items = plan(RoleStep({"admin": ["a"], "auditor": ["b", "c"]}, {}), rows)

    assert [each.what for each in items if isinstance(each, Change)] == ["+ role auditor, for b, c"]
    assert [each.seen for each in items if isinstance(each, Finding)] == [
        "= admin",
        "without any permission: admin",
    ]


def test_roles_without_their_permissions_say_nothing_of_who_has_them() -> None:
    """As an emulator lists them."""
    items = plan(RoleStep({"admin": ["a"]}, {"reports:read": ["b"]}), [{"slug": "admin"}])

    assert [each.seen for each in items if isinstance(each, Finding)] == ["= admin"]


def test_an_action_whose_schema_is_not_shown_is_not_judged() -> None:
    with Site() as site:
        listed = {"data": [{"name": "moon.seen"}], "list_metadata": {}}
        site.answers = {"GET /audit_logs/actions": Canned(200, listed)}
        api = WorkOSApi(Web(), "sk_test", site.url)
        [finding] = asyncio.run(AuditSchemaStep("", {"moon.seen": ("moon",)}).plan(api))

    assert isinstance(finding, Finding)
    assert finding.seen == "= moon.seen, whose schema is not shown"


def test_nothing_to_require_asks_nothing() -> None:
    with Site() as site:
        api = WorkOSApi(Web(), "sk_test", site.url)
        steps = (PermissionStep({}), RoleStep({}, {}))
        found = [asyncio.run(each.plan(api)) for each in steps]

        assert [str(each[0].status) for each in found if isinstance(each[0], Finding)] == ["skip", "skip"]
        assert site.received == []


@pytest.mark.parametrize("answer", [Canned(200, b"<html>"), Canned(200, b"3"), Canned(204)])
def test_roles_that_are_no_list_are_not_taken_for_an_empty_one(answer: Canned) -> None:
    with Site() as site:
        site.answers = {"GET /authorization/roles": answer}
        environment = {"URL": "https://x.example", "WORKOS_API_KEY": "sk", "WORKOS_BASE_URL": site.url}
        assert main({**environment, "ONLY": "roles", "EXAMPLES": "1", "APPLY": "1"}) == 1
        assert {each.method for each in site.received} == {"GET"}


def test_the_schema_has_what_an_event_of_the_server_has() -> None:
    from app.audit.event import _METADATA_FIELDS
    from app.audit.record import KINDS

    properties = SERVER_METADATA["properties"]
    assert isinstance(properties, dict)
    assert set(KINDS) == set(SERVER_TARGETS)
    assert set(_METADATA_FIELDS) | {"request_id"} == set(properties)
