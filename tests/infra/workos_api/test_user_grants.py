"""The applications that a user let in and the user's sessions, through the SDK."""

import re

import pytest
from workos import AuthenticationError, BadRequestError, NotFoundError
from workos.common.models import ConnectApplicationOAuth

from tests.infra.workos_api.rig import ADA, CALLBACK, GRACE, MCP, Api

pytestmark = pytest.mark.broad


def names(api: Api, user: str = ADA) -> list[str]:
    page = api.ask(lambda workos: workos.user_management.list_user_authorized_applications(user))
    return [each.application.name for each in page.data if isinstance(each.application, ConnectApplicationOAuth)]


def test_an_application_is_shown_with_what_the_user_granted(api: Api) -> None:
    api.let_in(ADA, "cursor", "openid email")

    page = api.ask(lambda workos: workos.user_management.list_user_authorized_applications(ADA))

    (shown,) = page.data
    application = shown.application
    assert isinstance(application, ConnectApplicationOAuth)
    assert (shown.granted_scopes, shown.oauth_resource) == (["openid", "email"], MCP)
    assert (application.id, application.client_id, application.name) == (
        "conn_app_01CURSOR",
        "client_01CURSOR",
        "Cursor",
    )
    assert [(each.uri, each.default) for each in application.redirect_uris] == [(CALLBACK, True)]
    assert (application.uses_pkce, application.is_first_party, application.was_dynamically_registered) == (
        True,
        False,
        True,
    )


def test_the_newest_comes_first_and_pages_follow_one_another(api: Api) -> None:
    for name in ("a", "b", "c"):
        api.let_in(ADA, name)

    first = api.ask(lambda workos: workos.user_management.list_user_authorized_applications(ADA, limit=2))
    after = first.list_metadata.after
    rest = api.ask(lambda workos: workos.user_management.list_user_authorized_applications(ADA, after=after))

    assert [each.id for each in (*first.data, *rest.data)] == [
        each.id for each in reversed(api.authorizations.list_for(ADA))
    ]
    assert len(first.data) == 2


def test_a_second_login_of_a_client_adds_to_its_authorization(api: Api) -> None:
    first = api.let_in(ADA, "cursor", "openid")
    second = api.let_in(ADA, "cursor", "openid email")

    assert names(api) == ["Cursor"]
    assert (second.id, second.scopes, len(second.sids)) == (first.id, ("openid", "email"), 2)


@pytest.mark.parametrize("name", ["conn_app_01CURSOR", "client_01CURSOR"])
def test_an_authorization_ends_by_either_id_for_this_user_alone(name: str, api: Api) -> None:
    for user in (ADA, GRACE):
        api.let_in(user)
    api.let_in(ADA, "claude")

    api.ask(lambda workos: workos.user_management.delete_user_authorized_application(name, ADA))

    assert (names(api), names(api, GRACE)) == (["Claude"], ["Cursor"])


def test_a_client_whose_id_is_an_address_ends_too(api: Api) -> None:
    address = "https://client.example.com/oauth/client.json"
    application = api.let_in(ADA, address).application_id
    api.let_in(ADA, "claude")

    api.ask(lambda workos: workos.user_management.delete_user_authorized_application(address, ADA))

    assert re.fullmatch(r"conn_app_[0-9A-F]{26}", application)
    assert names(api) == ["Claude"]


@pytest.mark.parametrize("application", ["conn_app_01OTHER", "nothing"])
def test_what_the_user_never_let_in_is_not_found(application: str, api: Api) -> None:
    api.let_in(GRACE)

    with pytest.raises(NotFoundError) as refused:
        api.ask(lambda workos: workos.user_management.delete_user_authorized_application(application, ADA))

    assert refused.value.code == "entity_not_found"


def test_sessions_are_listed_until_they_are_revoked_or_over(api: Api) -> None:
    first, second = api.sessions.start(ADA, "Firefox"), api.sessions.start(ADA, None)
    api.sessions.start(GRACE, "Chrome")

    page = api.ask(lambda workos: workos.user_management.list_sessions(ADA))
    assert [(each.id, each.user_agent, each.status) for each in page.data] == [
        (second.id, None, "active"),
        (first.id, "Firefox", "active"),
    ]
    assert (page.data[0].expires_at - page.data[0].created_at).days == 30

    api.ask(lambda workos: workos.user_management.revoke_session(session_id=first.id))
    page = api.ask(lambda workos: workos.user_management.list_sessions(ADA))
    assert [each.id for each in page.data] == [second.id]

    api.clock.pass_by(31 * 24 * 3600)
    assert api.ask(lambda workos: workos.user_management.list_sessions(ADA)).data == []


def test_a_session_that_is_not_there_cannot_be_revoked(api: Api) -> None:
    with pytest.raises(BadRequestError):
        api.ask(lambda workos: workos.user_management.revoke_session(session_id="session_1"))


@pytest.mark.parametrize("path", ["authorized_applications", "sessions"])
def test_an_unknown_user_is_not_found_and_a_wrong_key_is_refused(path: str, api: Api) -> None:
    assert api.http.get(f"/user_management/users/user_1/{path}").json()["message"] == "User not found: 'user_1'."
    wrong = api.http.get(f"/user_management/users/{ADA}/{path}", headers={"Authorization": "Bearer sk_other"})
    assert wrong.status_code == 401
    with pytest.raises(AuthenticationError):
        api.ask(lambda workos: workos.user_management.list_sessions(ADA), api_key="sk_other")


@pytest.mark.parametrize(
    ("body", "field"), [({}, "session_id"), ({"session_id": 1}, "session_id"), ({"session_id": "x", "a": 1}, "a")]
)
def test_a_revocation_that_is_not_as_documented_names_the_field(body: object, field: str, api: Api) -> None:
    refused = api.http.post("/user_management/sessions/revoke", json=body)

    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == [field]
