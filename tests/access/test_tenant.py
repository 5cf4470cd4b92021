"""The caller's organisation in WorkOS: theirs, whole, and never a row of another."""

from typing import Any

import httpx2
import pytest

from infra.local.seed.load import load_seed
from tests.access.world import COMPILERS, ENGINES, World


def ids(world: World, caller: str) -> list[str]:
    found: list[str] = world.call("all_of_mine", caller)["structuredContent"]["result"]
    return found


@pytest.mark.parametrize(
    ("caller", "organization", "other"), [("ada", ENGINES, COMPILERS), ("katherine", COMPILERS, ENGINES)]
)
def test_a_tool_has_all_of_its_callers_organisation_and_nothing_of_another(
    caller: str, organization: str, other: str, world: World
) -> None:
    seed, found = load_seed(), ids(world, caller)

    (directory,) = (each for each in seed.directories if each.organization == organization)
    memberships = [
        each.id for each in seed.memberships if (each.organization, each.status) == (organization, "active")
    ]
    connections = [each.id for each in seed.connections if each.organization == organization]
    assert found[0] == organization
    assert sorted(found[1 : 1 + len(memberships)]) == sorted(memberships)
    assert set(found) >= {*connections, directory.id}
    assert len(found) == 1 + len(memberships) + len(connections) + 1 + directory.people + len(directory.groups)
    assert not set(found) & {other, *(each.id for each in seed.connections if each.organization == other)}
    assert not set(found) & {each.id for each in seed.memberships if each.organization == other}


def test_somebody_without_organisation_is_told_so(world: World) -> None:
    result = world.call("all_of_mine", "alan")

    assert result["isError"] is True
    assert result["content"][0]["text"].startswith("You are logged in without an organisation.")


ROWS = {
    "/user_management/organization_memberships": f"organization_id={COMPILERS}",
    "/connections": f"organization_id={COMPILERS}",
    "/directories": f"organization_id={COMPILERS}",
    "/directory_users": "directory=directory_01LOCALCOMPILERGOOGLE00000",
    "/directory_groups": "directory=directory_01LOCALCOMPILERGOOGLE00000",
}


@pytest.mark.matrix
@pytest.mark.parametrize("path", ROWS)
def test_rows_of_another_organisation_are_passed_over_whatever_workos_answers(path: str, world: World) -> None:
    key = {"authorization": f"Bearer {world.rig.settings.api_key}"}
    before = ids(world, "ada")
    other: Any = httpx2.get(f"{world.api_url}{path}?{ROWS[path]}", headers=key).json()
    world.api.instead[path] = (200, other)

    after = ids(world, "ada")

    assert set(after) < set(before)
    assert not set(after) & {row["id"] for row in other["data"]}


def test_another_organisation_than_the_callers_is_never_handed_out(world: World) -> None:
    key = {"authorization": f"Bearer {world.rig.settings.api_key}"}
    other: Any = httpx2.get(f"{world.api_url}/organizations/{COMPILERS}", headers=key).json()
    world.api.instead[f"/organizations/{ENGINES}"] = (200, other)

    result = world.call("all_of_mine", "ada")

    assert result["isError"] is True
    assert "Compiler" not in str(result)


def test_an_event_goes_to_the_audit_log_of_the_callers_organisation(world: World) -> None:
    assert [world.says("write_down", caller) for caller in ("ada", "katherine")] == [ENGINES, COMPILERS]

    hook = httpx2.get(f"{world.api_url}/_local/audit-logs/events", headers={"X-Local-Stand-In": "1"})
    assert [event["organization_id"] for event in hook.json()["events"]] == [ENGINES, COMPILERS]


def test_get_tenant_outside_a_request_says_what_to_do() -> None:
    import asyncio

    from app.authoring import NoSession, get_grants, get_tenant

    with pytest.raises(NoSession, match="needs a request"):
        asyncio.run(get_tenant())
    with pytest.raises(NoSession, match="get_grants"):
        get_grants()
