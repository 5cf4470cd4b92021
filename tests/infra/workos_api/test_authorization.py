"""Roles, permissions and checks through the SDK."""

from dataclasses import replace

import httpx2
import pytest
from workos import NotFoundError, UnprocessableEntityError
from workos.authorization import ResourceTargetByExternalId, ResourceTargetById

from infra.local.seed.rows import Resource, Seed
from infra.local.workos_api import create_workos_api
from tests.infra.authkit.rig import Stage
from tests.infra.workos_api.rig import (
    ADA_AT_ENGINES,
    ALAN_AT_COMPILERS,
    COMPILERS,
    ENGINES,
    GRACE_AT_ENGINES,
    HEDY_AT_COMPILERS,
    KATHERINE_AT_COMPILERS,
    REPORT_C1,
    REPORT_Q1,
    REPORT_Q2,
    UNKNOWN,
    Api,
)

pytestmark = pytest.mark.broad

Staged = tuple[Stage, httpx2.Client]
GRACE_AT_COMPILERS = "om_01LOCALGRACECOMPILER0000000"
ROOT_OF_COMPILERS = "authz_resource_01LOCALCOMPILERWORKS000000"


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


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("membership", "permission", "resource", "authorized"),
    [
        (ADA_AT_ENGINES, "report:edit", REPORT_Q1, True),
        (GRACE_AT_ENGINES, "report:view", REPORT_Q1, True),
        (GRACE_AT_ENGINES, "report:edit", REPORT_Q1, False),
        (ADA_AT_ENGINES, "report:view", REPORT_Q2, False),
        (KATHERINE_AT_COMPILERS, "report:view", REPORT_C1, True),
        (KATHERINE_AT_COMPILERS, "report:edit", REPORT_C1, False),
        (HEDY_AT_COMPILERS, "report:view", REPORT_C1, False),
        (ALAN_AT_COMPILERS, "report:view", REPORT_C1, False),
        # A role's permission on the organisation says nothing of one report.
        (ADA_AT_ENGINES, "reports:read", REPORT_Q1, False),
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
        # Another organisation's report is as good as none, and so is another organisation.
        (GRACE_AT_COMPILERS, "report:view", REPORT_Q1),
        (KATHERINE_AT_COMPILERS, "report:view", REPORT_Q1),
        (ADA_AT_ENGINES, "reports:read", ROOT_OF_COMPILERS),
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


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("membership", "organization", "permissions"),
    [
        (ADA_AT_ENGINES, ENGINES, {"reports:read", "reports:write", "members:manage"}),
        (GRACE_AT_ENGINES, ENGINES, {"reports:read"}),
        (GRACE_AT_COMPILERS, COMPILERS, {"reports:read", "reports:write", "members:manage"}),
        # Several roles add up.
        (HEDY_AT_COMPILERS, COMPILERS, {"reports:read", "audit:read"}),
        # An inactive member may do nothing.
        (ALAN_AT_COMPILERS, COMPILERS, set()),
    ],
)
def test_an_organization_is_a_resource_on_which_roles_count(
    api: Api, membership: str, organization: str, permissions: set[str]
) -> None:
    page = api.ask(
        lambda workos: workos.authorization.list_effective_permissions_by_external_id(
            membership, "organization", organization
        )
    )

    assert {each.slug for each in page.data} == permissions
    for slug in ("reports:read", "audit:read"):
        check = api.ask(
            lambda workos, slug=slug: workos.authorization.check(  # type: ignore[misc]
                membership,
                permission_slug=slug,
                resource_target=ResourceTargetByExternalId(organization, "organization"),
            )
        )
        assert check.authorized is (slug in permissions)


@pytest.mark.parametrize(
    ("membership", "type_", "external_id"),
    [
        ("om_1", "organization", ENGINES),
        (ADA_AT_ENGINES, "organization", COMPILERS),
        (ADA_AT_ENGINES, "report", "report-c1"),
        (ADA_AT_ENGINES, "project", ENGINES),
    ],
)
def test_permissions_on_what_is_not_there_are_not_found(
    api: Api, membership: str, type_: str, external_id: str
) -> None:
    with pytest.raises(NotFoundError):
        api.ask(
            lambda workos: workos.authorization.list_effective_permissions_by_external_id(
                membership, type_, external_id
            )
        )


def test_a_role_may_give_what_is_done_with_each_report(seed: Seed, api: Api, stage: Staged) -> None:
    roles = [replace(each, permissions=(*each.permissions, "report:view")) for each in seed.roles]
    stage[0].app = create_workos_api(replace(seed, roles=tuple(roles)))

    def allowed(membership: str, resource: str) -> bool:
        return api.ask(
            lambda workos: workos.authorization.check(
                membership, permission_slug="report:view", resource_target=ResourceTargetById(resource)
            )
        ).authorized

    assert allowed(ADA_AT_ENGINES, REPORT_Q2)
    assert allowed(HEDY_AT_COMPILERS, REPORT_C1)
    assert allowed(HEDY_AT_COMPILERS, ROOT_OF_COMPILERS)
    assert not allowed(ALAN_AT_COMPILERS, REPORT_C1)


def test_two_organizations_may_have_a_report_of_the_same_name(seed: Seed, api: Api, stage: Staged) -> None:
    twin = Resource("authz_resource_1", COMPILERS, "report", "report-q1", "First quarter")
    stage[0].app = create_workos_api(replace(seed, resources=(*seed.resources, twin)))
    target = ResourceTargetByExternalId("report-q1", "report")

    def allowed(membership: str) -> bool:
        return api.ask(
            lambda workos: workos.authorization.check(
                membership, permission_slug="report:view", resource_target=target
            )
        ).authorized

    assert (allowed(ADA_AT_ENGINES), allowed(GRACE_AT_COMPILERS)) == (True, False)


def test_a_role_that_was_deleted_is_not_found_while_a_membership_still_names_it(api: Api) -> None:
    # WorkOS gives its members the default role, but not at the same moment: the hook makes that moment last.
    api.fail(path=f"/authorization/organizations/{ENGINES}/roles/member", status=404)
    membership = api.ask(
        lambda workos: workos.organization_membership.get_organization_membership(GRACE_AT_ENGINES)
    )

    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.authorization.get_organization_role(ENGINES, membership.role.slug))
