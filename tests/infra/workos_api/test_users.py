"""Users through the SDK: read, listed, renamed."""

from datetime import UTC, datetime

import pytest
from workos import BadRequestError, NotFoundError

from tests.infra.workos_api.rig import ADA, ALAN, COMPILERS, GRACE, HEDY, KATHERINE, Api


def test_a_user_is_read_by_id(api: Api) -> None:
    user = api.ask(lambda workos: workos.user_management.get_user(ADA))

    assert (user.id, user.email, user.first_name, user.last_name) == (ADA, "ada@example.com", "Ada", "Lovelace")
    assert user.email_verified
    assert user.metadata == {}


def test_an_unknown_user_is_not_found(api: Api) -> None:
    with pytest.raises(NotFoundError) as refused:
        api.ask(lambda workos: workos.user_management.get_user("user_1"))

    assert refused.value.message == "User not found: 'user_1'."
    assert refused.value.code == "entity_not_found"


def test_users_are_listed_newest_first(api: Api) -> None:
    users = api.ask(lambda workos: workos.user_management.list_users())

    assert [user.id for user in users.data] == [HEDY, KATHERINE, ALAN, GRACE, ADA]


def test_users_are_found_by_email_whatever_its_case(api: Api) -> None:
    users = api.ask(lambda workos: workos.user_management.list_users(email="Grace@Example.com"))

    assert [user.id for user in users.data] == [GRACE]


def test_users_are_found_by_organization(api: Api) -> None:
    users = api.ask(lambda workos: workos.user_management.list_users(organization_id=COMPILERS, order="asc"))

    assert [user.id for user in users.data] == [GRACE, ALAN, KATHERINE, HEDY]


def test_a_user_is_renamed_everywhere_the_api_shows_it(api: Api) -> None:
    renamed = api.ask(
        lambda workos: workos.user_management.update_user(ADA, first_name="Augusta Ada", last_name="King")
    )
    read = api.ask(lambda workos: workos.user_management.get_user(ADA))
    memberships = api.ask(lambda workos: workos.organization_membership.list_organization_memberships(user_id=ADA))

    assert renamed == read == memberships.data[0].user
    assert (read.first_name, read.last_name, read.name) == ("Augusta Ada", "King", "Augusta Ada King")
    assert read.updated_at == datetime.fromtimestamp(api.clock.now, UTC)
    assert read.created_at < read.updated_at


def test_metadata_is_set_key_by_key_and_deleted_by_null(api: Api) -> None:
    def put(metadata: object) -> object:
        return api.http.put(f"/user_management/users/{ADA}", json={"metadata": metadata}).json()["metadata"]

    assert put({"team": "engines", "desk": "3"}) == {"team": "engines", "desk": "3"}
    assert put({"desk": None, "floor": "1"}) == {"team": "engines", "floor": "1"}
    assert put({}) == {}
    put({"team": "engines"})
    assert api.ask(lambda workos: workos.user_management.update_user(ADA, metadata=None)).metadata == {}


def test_external_id_and_locale_are_set_and_cleared(api: Api) -> None:
    user = api.ask(lambda workos: workos.user_management.update_user(ADA, external_id="a-1", locale="en-GB"))
    assert (user.external_id, user.locale) == ("a-1", "en-GB")

    user = api.ask(lambda workos: workos.user_management.update_user(ADA, external_id=None, locale=None))
    assert (user.external_id, user.locale) == (None, None)


def test_an_external_id_belongs_to_one_user(api: Api) -> None:
    api.ask(lambda workos: workos.user_management.update_user(ADA, external_id="a-1"))
    api.ask(lambda workos: workos.user_management.update_user(ADA, external_id="a-1"))

    with pytest.raises(BadRequestError) as refused:
        api.ask(lambda workos: workos.user_management.update_user(GRACE, external_id="a-1"))
    assert refused.value.code == "external_id_already_used"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"first_name": 1}, "first_name"),
        ({"last_name": None}, "last_name"),
        ({"metadata": "x"}, "metadata"),
        ({"metadata": {"age": 36}}, "metadata.age"),
        ({"external_id": ""}, "external_id"),
        ({"external_id": "é"}, "external_id"),
        ({"external_id": "x" * 129}, "external_id"),
        ({"locale": 1}, "locale"),
        ({"nickname": "x"}, "nickname"),
        ({"email": "new@example.com"}, "email"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(api: Api, body: object, field: str) -> None:
    refused = api.http.put(f"/user_management/users/{ADA}", json=body)

    assert refused.status_code == 422
    assert refused.json()["code"] == "invalid_request_parameters"
    assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert api.http.get(f"/user_management/users/{ADA}").json()["updated_at"].startswith("2026-01-01")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"locale": "?"}, "invalid_locale"),
        ({"metadata": {"k" * 41: "v"}}, "invalid_metadata"),
        ({"metadata": {"k": "v" * 601}}, "invalid_metadata"),
        ({"metadata": {str(number): "v" for number in range(51)}}, "invalid_metadata"),
    ],
)
def test_a_value_beyond_the_limits_is_a_bad_request(api: Api, body: object, code: str) -> None:
    refused = api.http.put(f"/user_management/users/{ADA}", json=body)

    assert (refused.status_code, refused.json()["code"]) == (400, code)
