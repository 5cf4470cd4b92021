"""Directory Sync through the SDK: enough people that paging matters."""

import pytest
from workos import AsyncWorkOSClient, NotFoundError, UnprocessableEntityError

from tests.infra.workos_api.rig import COMPILERS, ENGINES, GOOGLE, OKTA, UNKNOWN, Api

pytestmark = pytest.mark.broad

EVERYONE, ENGINEERING = (
    "directory_group_01LOCALANALYTICALOKTA00000",
    "directory_group_01LOCALANALYTICALOKTA00001",
)
FIRST_PERSON = "directory_user_01LOCALANALYTICALOKTA00000"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, [GOOGLE, OKTA]),
        ({"organization_id": ENGINES}, [OKTA]),
        ({"organization_id": UNKNOWN}, []),
        ({"search": "google"}, [GOOGLE]),
        ({"domain": "analytical.example.com"}, [OKTA]),
    ],
)
def test_directories_are_listed(api: Api, filters: dict[str, str], found: list[str]) -> None:
    page = api.ask(lambda workos: workos.directory_sync.list_directories(**filters))  # type: ignore[arg-type]

    assert [directory.id for directory in page.data] == found


def test_a_directory_counts_its_people(api: Api) -> None:
    directory = api.ask(lambda workos: workos.directory_sync.get_directory(OKTA))

    assert (directory.type, directory.state, directory.organization_id) == ("okta scim v2.0", "linked", ENGINES)
    assert directory.metadata is not None
    assert (directory.metadata.users.active, directory.metadata.users.inactive) == (54, 6)
    assert directory.metadata.groups == 4


def test_all_people_come_page_by_page(api: Api) -> None:
    async def everybody(workos: AsyncWorkOSClient) -> tuple[int, list[str]]:
        page = await workos.directory_sync.list_users(directory=OKTA)
        return len(page.data), [user.id async for user in page.auto_paging_iter()]

    on_the_first_page, ids = api.ask(everybody)

    assert on_the_first_page == 10
    assert len(ids) == len(set(ids)) == 60


def test_people_have_names_addresses_states_and_groups(api: Api) -> None:
    person = api.ask(lambda workos: workos.directory_sync.get_user(FIRST_PERSON))

    assert (person.first_name, person.last_name) == ("Annie", "Allen")
    assert person.email == "annie.allen@analytical.example.com"
    assert person.state == "active"
    assert [group.name for group in person.groups or []] == ["Everyone", "Engineering"]


def test_no_two_people_have_one_address(api: Api) -> None:
    people = api.http.get("/directory_users", params={"directory": OKTA, "limit": 100}).json()["data"]

    assert len({person["email"] for person in people}) == 60
    assert [person["state"] for person in people].count("inactive") == 6


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"directory": GOOGLE}, 4),
        ({"group": ENGINEERING}, 20),
        ({"directory": GOOGLE, "group": ENGINEERING}, 0),
        ({"directory": OKTA, "email": "annie.allen@analytical.example.com"}, 1),
        ({"directory": OKTA, "idp_id": "person-0007"}, 1),
        ({"directory": GOOGLE, "email": "annie.allen@analytical.example.com"}, 0),
    ],
)
def test_people_are_filtered(api: Api, filters: dict[str, str], count: int) -> None:
    page = api.ask(lambda workos: workos.directory_sync.list_users(limit=100, **filters))  # type: ignore[arg-type]

    assert len(page.data) == count


def test_groups_are_those_of_a_directory_or_of_a_person(api: Api) -> None:
    of_directory = api.ask(lambda workos: workos.directory_sync.list_groups(directory=OKTA, order="asc"))
    of_person = api.ask(lambda workos: workos.directory_sync.list_groups(user=FIRST_PERSON, order="asc"))

    assert [group.name for group in of_directory.data] == ["Everyone", "Engineering", "Research", "Sales"]
    assert [group.id for group in of_person.data] == [EVERYONE, ENGINEERING]
    assert of_person.data[0].organization_id == ENGINES


def test_a_group_is_read_by_id(api: Api) -> None:
    assert api.ask(lambda workos: workos.directory_sync.get_group(ENGINEERING)).name == "Engineering"


@pytest.mark.parametrize("path", ["/directory_users", "/directory_groups", "/directory_users?email=a@b.example"])
def test_a_list_is_narrowed_to_a_directory(api: Api, path: str) -> None:
    assert api.http.get(path).status_code == 422


def test_an_address_is_looked_up_in_a_directory_alone(api: Api) -> None:
    with pytest.raises(UnprocessableEntityError) as refused:
        api.ask(lambda workos: workos.directory_sync.list_users(group=EVERYONE, email="a@example.com"))
    assert [error["field"] for error in refused.value.errors or ()] == ["directory"]


@pytest.mark.parametrize(
    "path",
    [
        "/directories/directory_1",
        "/directory_users/directory_user_1",
        "/directory_groups/directory_group_1",
        "/directory_users?directory=directory_1",
        "/directory_users?group=directory_group_1",
        "/directory_groups?user=directory_user_1",
    ],
)
def test_what_does_not_exist_is_not_found(api: Api, path: str) -> None:
    refused = api.http.get(path)

    assert (refused.status_code, refused.json()["code"]) == (404, "entity_not_found")


def test_the_sdk_says_not_found(api: Api) -> None:
    with pytest.raises(NotFoundError):
        api.ask(lambda workos: workos.directory_sync.list_groups(directory="directory_1"))


def test_the_other_organization_has_people_of_its_own(api: Api) -> None:
    page = api.ask(lambda workos: workos.directory_sync.list_users(directory=GOOGLE))

    assert {user.organization_id for user in page.data} == {COMPILERS}
