"""Organisations and memberships through the SDK."""

import pytest
from workos import BadRequestError, NotFoundError

from tests.infra.workos_api.rig import (
    ADA,
    ADA_AT_ENGINES,
    ALAN,
    COMPILERS,
    ENGINES,
    GRACE,
    HEDY_AT_COMPILERS,
    UNKNOWN,
    Api,
)


def test_an_organization_is_read_with_its_domains(api: Api) -> None:
    organization = api.ask(lambda workos: workos.organizations.get_organization(ENGINES))

    assert organization.name == "Analytical Engines"
    assert [(each.domain, each.organization_id) for each in organization.domains] == [
        ("analytical.example.com", ENGINES)
    ]


@pytest.mark.parametrize("id_", [UNKNOWN, "a/../../users", "%2e%2e", "x" * 2000])
def test_an_unknown_organization_is_not_found(api: Api, id_: str) -> None:
    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.organizations.get_organization(id_))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [COMPILERS, ENGINES]),
        ({"search": "ENGINE"}, [ENGINES]),
        ({"search": "nothing"}, []),
        ({"domains": ["compiler.example.com"]}, [COMPILERS]),
        ({"domains": ["compiler.example.com", "analytical.example.com"]}, [COMPILERS, ENGINES]),
        ({"domains": ["compiler.example.com"], "search": "engines"}, []),
    ],
)
def test_organizations_are_found_by_name_and_domain(
    api: Api, filters: dict[str, str | list[str]], found: list[str]
) -> None:
    page = api.ask(lambda workos: workos.organizations.list_organizations(**filters))  # type: ignore[arg-type]

    assert [organization.id for organization in page.data] == found


def test_memberships_carry_role_organization_and_user(api: Api) -> None:
    page = api.ask(
        lambda workos: workos.organization_membership.list_organization_memberships(user_id=GRACE, order="asc")
    )

    assert [
        (each.organization_name, each.role.slug, [role.slug for role in each.roles]) for each in page.data
    ] == [
        ("Analytical Engines", "member", ["member"]),
        ("Compiler Works", "admin", ["admin"]),
    ]
    assert page.data[0].user.email == "grace@example.com"
    several = api.ask(lambda workos: workos.organization_membership.get_organization_membership(HEDY_AT_COMPILERS))
    assert (several.role.slug, [role.slug for role in several.roles]) == ("member", ["member", "org-auditor"])


def test_only_active_memberships_are_listed_unless_others_are_asked_for(api: Api) -> None:
    def of_alan(statuses: list[str] | None) -> list[str]:
        page = api.ask(
            lambda workos: workos.organization_membership.list_organization_memberships(
                user_id=ALAN,
                statuses=statuses,
            )
        )
        return [each.status for each in page.data]

    assert of_alan(None) == of_alan(["active", "pending"]) == []
    assert of_alan(["active", "inactive"]) == ["inactive"]


def test_memberships_are_narrowed_by_user_and_organization(api: Api) -> None:
    page = api.ask(
        lambda workos: workos.organization_membership.list_organization_memberships(
            user_id=GRACE, organization_id=COMPILERS
        )
    )

    assert [each.organization_id for each in page.data] == [COMPILERS]


def test_a_membership_is_read_by_id(api: Api) -> None:
    membership = api.ask(lambda workos: workos.organization_membership.get_organization_membership(ADA_AT_ENGINES))

    assert (membership.user_id, membership.organization_id, membership.role.slug) == (ADA, ENGINES, "admin")


@pytest.mark.parametrize("filters", [{"user_id": "user_1"}, {"organization_id": UNKNOWN}])
def test_memberships_of_nobody_are_not_found(api: Api, filters: dict[str, str]) -> None:
    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.organization_membership.list_organization_memberships(**filters))  # type: ignore[arg-type]


def test_memberships_of_everybody_are_not_to_be_had(api: Api) -> None:
    with pytest.raises(BadRequestError) as refused:
        api.ask(lambda workos: workos.organization_membership.list_organization_memberships())

    assert refused.value.code == "missing_user_id_or_organization_id"


def test_an_unknown_status_is_a_bad_request(api: Api) -> None:
    refused = api.http.get(f"/user_management/organization_memberships?user_id={ADA}&statuses=active,gone")

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_request_parameters")
