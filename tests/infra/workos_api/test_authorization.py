"""Roles, permissions and checks through the SDK."""

import pytest
from workos import NotFoundError, UnprocessableEntityError
from workos.authorization import ResourceTargetByExternalId, ResourceTargetById

from tests.infra.workos_api.rig import (
    ADA_AT_ENGINES,
    COMPILERS,
    ENGINES,
    GRACE_AT_ENGINES,
    REPORT_Q1,
    REPORT_Q2,
    UNKNOWN,
    Api,
)

GRACE_AT_COMPILERS = "om_01LOCALGRACECOMPILER0000000"


def test_a_role_carries_its_permissions(api: Api) -> None:
    role = api.ask(lambda workos: workos.authorization.get_environment_role("admin"))

    assert role.permissions == ["reports:read", "reports:write", "members:manage"]
    assert (role.type, role.resource_type_slug) == ("EnvironmentRole", "organization")


def test_roles_of_the_environment_apply_to_each_organization(api: Api) -> None:
    role = api.ask(lambda workos: workos.authorization.get_organization_role(ENGINES, "member"))

    assert (role.type, role.permissions) == ("EnvironmentRole", ["reports:read"])


def test_an_organizations_own_role_is_nobody_elses(api: Api) -> None:
    role = api.ask(lambda workos: workos.authorization.get_organization_role(COMPILERS, "org-auditor"))
    assert role.type == "OrganizationRole"

    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.authorization.get_organization_role(ENGINES, "org-auditor"))
    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.authorization.get_environment_role("org-auditor"))
    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.authorization.get_organization_role(UNKNOWN, "member"))


def test_roles_are_listed_in_order_of_priority(api: Api) -> None:
    environment = api.ask(lambda workos: workos.authorization.list_environment_roles())
    organization = api.ask(lambda workos: workos.authorization.list_organization_roles(COMPILERS))

    assert [role.slug for role in environment.data] == ["admin", "member"]
    assert [role.slug for role in organization.data] == ["admin", "member", "org-auditor"]


def test_permissions_are_those_that_roles_and_grants_name(api: Api) -> None:
    page = api.ask(lambda workos: workos.authorization.list_permissions(order="asc"))

    assert [(each.slug, each.resource_type_slug) for each in page.data] == [
        ("reports:read", "organization"),
        ("reports:write", "organization"),
        ("members:manage", "organization"),
        ("audit:read", "organization"),
        ("report:view", "report"),
        ("report:edit", "report"),
    ]
    permission = api.ask(lambda workos: workos.authorization.get_permission("report:view"))
    assert permission.name == "Report view"


@pytest.mark.parametrize(
    ("membership", "permission", "resource", "authorized"),
    [
        (ADA_AT_ENGINES, "report:edit", REPORT_Q1, True),
        (GRACE_AT_ENGINES, "report:view", REPORT_Q1, True),
        (GRACE_AT_ENGINES, "report:edit", REPORT_Q1, False),
        (ADA_AT_ENGINES, "report:view", REPORT_Q2, False),
    ],
)
def test_a_check_answers_from_the_grants(
    api: Api, membership: str, permission: str, resource: str, authorized: bool
) -> None:
    check = api.ask(
        lambda workos: workos.authorization.check(
            membership, permission_slug=permission, resource_target=ResourceTargetById(resource)
        )
    )

    assert check.authorized is authorized


def test_a_resource_goes_by_its_external_id_too(api: Api) -> None:
    check = api.ask(
        lambda workos: workos.authorization.check(
            ADA_AT_ENGINES,
            permission_slug="report:edit",
            resource_target=ResourceTargetByExternalId("report-q1", "report"),
        )
    )

    assert check.authorized


@pytest.mark.parametrize(
    ("membership", "permission", "resource"),
    [
        ("om_1", "report:view", REPORT_Q1),
        (ADA_AT_ENGINES, "report:burn", REPORT_Q1),
        (ADA_AT_ENGINES, "report:view", "authz_resource_1"),
        # Another organisation's report is as good as none.
        (GRACE_AT_COMPILERS, "report:view", REPORT_Q1),
    ],
)
def test_a_check_of_what_does_not_exist_is_not_found(
    api: Api, membership: str, permission: str, resource: str
) -> None:
    with pytest.raises(NotFoundError):
        api.ask(
            lambda workos: workos.authorization.check(
                membership, permission_slug=permission, resource_target=ResourceTargetById(resource)
            )
        )


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"resource_external_id": "report-q1"},
        {"resource_id": REPORT_Q1, "resource_external_id": "report-q1", "resource_type_slug": "report"},
        {"resource_id": 1},
    ],
)
def test_a_check_names_its_resource_in_one_way(api: Api, target: dict[str, object]) -> None:
    path = f"/authorization/organization_memberships/{ADA_AT_ENGINES}/check"
    assert api.http.post(path, json={"permission_slug": "report:view", **target}).status_code == 422


def test_a_check_without_a_permission_is_refused(api: Api) -> None:
    with pytest.raises(UnprocessableEntityError) as refused:
        api.ask(
            lambda workos: workos.authorization.check(
                ADA_AT_ENGINES, permission_slug="", resource_target=ResourceTargetById(REPORT_Q1)
            )
        )
    assert [error["field"] for error in refused.value.errors or ()] == ["permission_slug"]


def test_effective_permissions_are_listed(api: Api) -> None:
    page = api.ask(lambda workos: workos.authorization.list_effective_permissions(ADA_AT_ENGINES, REPORT_Q1))

    assert {each.slug for each in page.data} == {"report:view", "report:edit"}
