"""Single Sign-On connections and feature flags through the SDK."""

import pytest
from workos import NotFoundError

from tests.infra.workos_api.rig import ADA, ALAN, COMPILERS, ENGINES, GRACE, KATHERINE, UNKNOWN, Api

OKTA_SAML = "conn_01LOCALANALYTICALOKTA00000"
GOOGLE_OIDC = "conn_01LOCALANALYTICALGOOGLE000"
ENTRA = "conn_01LOCALCOMPILERENTRA000000"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [ENTRA, GOOGLE_OIDC, OKTA_SAML]),
        ({"organization_id": ENGINES}, [GOOGLE_OIDC, OKTA_SAML]),
        ({"organization_id": ENGINES, "connection_type": "OktaSAML"}, [OKTA_SAML]),
        ({"organization_id": UNKNOWN}, []),
        ({"domain": "compiler.example.com"}, [ENTRA]),
        ({"search": "google"}, [GOOGLE_OIDC]),
    ],
)
def test_connections_are_listed(api: Api, filters: dict[str, str], found: list[str]) -> None:
    page = api.ask(lambda workos: workos.sso.list_connections(**filters))  # type: ignore[arg-type]

    assert [connection.id for connection in page.data] == found


def test_a_connection_is_read_by_id(api: Api) -> None:
    connection = api.ask(lambda workos: workos.sso.get_connection(OKTA_SAML))

    assert (connection.connection_type, connection.state) == ("OktaSAML", "active")
    assert [each.domain for each in connection.domains] == ["analytical.example.com"]


def test_an_unknown_type_of_connection_is_refused(api: Api) -> None:
    assert api.http.get("/connections?connection_type=CarrierPigeon").status_code == 422


@pytest.mark.parametrize(
    ("user", "flags"),
    [
        (ADA, {"report-export", "dark-mode"}),
        # In two organisations: what either has is there, whichever of them she is logged in to.
        (GRACE, {"report-export", "early-access", "dark-mode"}),
        (KATHERINE, {"dark-mode"}),
        # An inactive membership brings no flags.
        (ALAN, {"dark-mode"}),
    ],
)
def test_a_user_has_own_flags_and_those_of_their_organizations(api: Api, user: str, flags: set[str]) -> None:
    page = api.ask(lambda workos: workos.feature_flags.list_user_feature_flags(user))

    assert {flag.slug for flag in page.data} == flags


@pytest.mark.parametrize(
    ("organization", "flags"), [(ENGINES, {"report-export", "dark-mode"}), (COMPILERS, {"dark-mode"})]
)
def test_an_organization_has_its_flags(api: Api, organization: str, flags: set[str]) -> None:
    page = api.ask(lambda workos: workos.feature_flags.list_organization_feature_flags(organization))

    assert {flag.slug for flag in page.data} == flags
    assert all(flag.enabled for flag in page.data)


def test_all_flags_are_listed_and_read(api: Api) -> None:
    page = api.ask(lambda workos: workos.feature_flags.list_feature_flags())

    assert [flag.slug for flag in page.data] == ["time-travel", "dark-mode", "early-access", "report-export"]
    assert not api.ask(lambda workos: workos.feature_flags.get_feature_flag("time-travel")).enabled


def test_flags_of_nobody_are_not_found(api: Api) -> None:
    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.feature_flags.list_user_feature_flags("user_1"))
    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.feature_flags.list_organization_feature_flags(UNKNOWN))
