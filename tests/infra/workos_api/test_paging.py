"""Cursors, orders and limits, which are the same for every list."""

from typing import Any

import pytest
from workos import AsyncWorkOSClient

from tests.infra.workos_api.rig import GOOGLE, OKTA, Api

PERSON = "directory_user_01LOCALANALYTICALOKTA0{:04}".format


def page(api: Api, **query: str | int) -> dict[str, Any]:
    response = api.http.get("/directory_users", params={"directory": OKTA, **query})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def numbers(answer: dict[str, Any]) -> list[int]:
    return [int(row["id"][-4:]) for row in answer["data"]]


def test_the_first_page_holds_ten_newest_first(api: Api) -> None:
    first = page(api)

    assert first["object"] == "list"
    assert numbers(first) == list(range(59, 49, -1))
    assert first["list_metadata"] == {"before": None, "after": PERSON(50)}


def test_after_goes_on_and_before_comes_back(api: Api) -> None:
    second = page(api, after=PERSON(50))
    assert numbers(second) == list(range(49, 39, -1))
    assert second["list_metadata"] == {"before": PERSON(49), "after": PERSON(40)}

    assert page(api, before=PERSON(49)) == page(api)


def test_before_gives_the_nearest_rows_not_the_first(api: Api) -> None:
    assert numbers(page(api, before=PERSON(10), limit=3)) == [13, 12, 11]
    assert page(api, before=PERSON(10), limit=3)["list_metadata"] == {"before": PERSON(13), "after": PERSON(11)}


def test_the_last_page_has_no_after(api: Api) -> None:
    last = page(api, after=PERSON(3))

    assert numbers(last) == [2, 1, 0]
    assert last["list_metadata"] == {"before": PERSON(2), "after": None}
    assert page(api, after=PERSON(0))["data"] == []


def test_ascending_is_oldest_first(api: Api) -> None:
    first = page(api, order="asc", limit=2)

    assert numbers(first) == [0, 1]
    assert first["list_metadata"] == {"before": None, "after": PERSON(1)}
    assert numbers(page(api, order="asc", limit=2, after=PERSON(1))) == [2, 3]


def test_normal_is_descending_with_the_cursors_swapped(api: Api) -> None:
    first = page(api, order="normal")

    assert numbers(first) == list(range(59, 49, -1))
    assert first["list_metadata"] == {"before": PERSON(50), "after": None}
    assert numbers(page(api, order="normal", before=PERSON(50), limit=2)) == [49, 48]
    assert numbers(page(api, order="normal", after=PERSON(50), limit=2)) == [52, 51]


def test_a_page_may_hold_everything(api: Api) -> None:
    everything = page(api, limit=100)

    assert len(everything["data"]) == 60
    assert everything["list_metadata"] == {"before": None, "after": None}


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_the_sdk_walks_all_pages_in_order(api: Api, order: str) -> None:
    async def walk(workos: AsyncWorkOSClient) -> list[str]:
        first = await workos.directory_sync.list_users(directory=OKTA, limit=7, order=order)
        return [user.id async for user in first.auto_paging_iter()]

    wanted = [PERSON(number) for number in range(60)]
    assert api.ask(walk) == (wanted if order == "asc" else wanted[::-1])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=1.5", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=5&limit=6", "limit"),
        ("limit=", "limit"),
        ("order=sideways", "order"),
        ("after=directory_user_1", "after"),
        ("before=directory_user_1", "before"),
        (f"before={PERSON(1)}&after={PERSON(2)}", "before"),
        ("page=2", "page"),
        (f"directory={GOOGLE}", "directory"),
    ],
)
def test_a_wrong_parameter_is_named(api: Api, query: str, field: str) -> None:
    refused = api.http.get(f"/directory_users?directory={OKTA}&{query}")

    assert refused.status_code == 422
    assert refused.json()["message"] == "Validation failed."
    assert refused.json()["errors"][0]["field"] == field
