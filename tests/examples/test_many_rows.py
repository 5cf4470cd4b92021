"""Lists of more than a page: read to their end, or said to be cut."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from infra.local.loopback import LoopbackServer
from infra.local.seed.load import load_seed
from infra.local.seed.rows import Membership, Organization, Seed, User
from infra.local.workos_api import create_workos_api
from tests.rig import SETTINGS, Rig

pytestmark = pytest.mark.matrix

ADA = User("user_1", "ada@example.com", "Ada", "Lovelace")
HOME = "org_00000"


def crowd(rows: int) -> Seed:
    """Ada is in so many organisations; the first has so many members, connections and directory groups."""
    seed = load_seed()
    others = tuple(User(f"user_{n}", f"user{n}@example.com", "Grace", f"Number {n}") for n in range(2, rows + 1))
    organizations = tuple(Organization(f"org_{n:05}", f"Organisation {n}") for n in range(rows))
    return replace(
        seed,
        users=(ADA, *others),
        organizations=organizations,
        memberships=(
            *(Membership(f"om_a{n}", ADA.id, each.id, "admin") for n, each in enumerate(organizations)),
            *(Membership(f"om_b{n}", each.id, HOME, "member") for n, each in enumerate(others)),
        ),
        connections=tuple(replace(seed.connections[0], id=f"conn_{n}", organization=HOME) for n in range(rows)),
        directories=(
            replace(seed.directories[0], id="directory_1", organization=HOME, groups=tuple(map(str, range(rows)))),
        ),
        feature_flags=(),
        resources=(),
        resource_grants=(),
    )


@contextmanager
def serving(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    with LoopbackServer(create_workos_api(seed)) as running:
        monkeypatch.setenv("WORKOS_BASE_URL", running.url)
        rig = Rig.with_examples(replace(SETTINGS, api_key=seed.environment.api_key))
        yield rig
        rig.close()


def listed(rig: Rig, tool: str) -> dict[str, Any]:
    token = rig.issuer.token(sub=ADA.id, org_id=HOME)
    told: dict[str, Any] = rig.call(tool, {}, token=token)["structuredContent"]
    return told


ROWS: dict[str, tuple[str, Callable[[Any], str]]] = {
    # tool: where the rows stand, and what tells one from another
    "list_my_organizations": ("result", lambda row: row["organization_id"]),
    "list_members": ("result", lambda row: row["user_id"]),
    "list_sso_connections": ("result", lambda row: row["id"]),
    "list_directory_groups": ("groups", lambda row: row),
}
MOST = dict.fromkeys(ROWS, 1000) | {"list_directory_groups": 200}


@pytest.mark.parametrize("tool", ROWS)
@pytest.mark.parametrize("count", [1, 100, 101, 200])
def test_every_page_is_read(count: int, tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(crowd(count), monkeypatch) as rig:
        told = listed(rig, tool)

    place, name = ROWS[tool]
    assert len({name(row) for row in told[place]}) == len(told[place]) == count
    assert told["complete"] is True


@pytest.mark.broad
@pytest.mark.parametrize("tool", ROWS)
@pytest.mark.parametrize(("beyond", "complete"), [(0, True), (1, False)])
def test_what_is_longer_than_one_call_reads_is_said_to_be_cut(
    beyond: int, complete: bool, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(crowd(MOST[tool] + beyond), monkeypatch) as rig:
        told = listed(rig, tool)

    assert (len(told[ROWS[tool][0]]), told["complete"]) == (MOST[tool], complete)
