"""A request state goes on with one call of one caller, for a while: whoever else sends it gets nothing of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalogues.hostile import prompts, resources, tools
from tests.hostile.runs import any_of
from tests.issuer import Clock, Issuer
from tests.rig import SETTINGS, Rig

pytestmark = pytest.mark.broad

CALLERS = ("ALICE", "BOB")
TARGETS = ("one", "two")
BOUND = {"sub": "user_", "org_id": "org_", "client_id": "client_"}
"""Claims by which a state knows its caller."""


@dataclass
class World:
    rig: Rig

    def token(self, caller: str, other_claim: str = "") -> str:
        names: dict[str, Any] = {claim: prefix + caller for claim, prefix in BOUND.items()}
        if other_claim:
            names[other_claim] += "_ELSEWHERE"
        return self.rig.issuer.token(**names)

    def call(self, token: str, target: str, **more: Any) -> Any:
        params = {"name": "confirms", "arguments": {"target": target}, **more}
        return self.rig.exchange("tools/call", params, token=token)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    rig = Rig(
        replace(SETTINGS, request_state_keys=(b"k" * 32,)),
        issuer=Issuer(clock=Clock()),
        tools=tools,
        prompts=prompts,
        resources=resources,
    )
    yield World(rig)
    rig.close()


@any_of(200)
@given(
    owner=st.sampled_from(CALLERS),
    caller=st.sampled_from(CALLERS),
    other_claim=st.sampled_from(["", "", *BOUND]),
    asked=st.sampled_from(TARGETS),
    answered=st.sampled_from(TARGETS),
    seconds=st.sampled_from([0, 1, 599, 601, 4000]),
    change=st.one_of(st.none(), st.none(), st.integers(0, 400)),
)
def test_states_in_other_hands(
    world: World,
    *,
    owner: str,
    caller: str,
    other_claim: str,
    asked: str,
    answered: str,
    seconds: int,
    change: int | None,
) -> None:
    state = world.call(world.token(owner), asked).json["result"]["requestState"]
    if change is not None:
        place = change % (len(state) - 1)
        state = state[:place] + ("A" if state[place] != "A" else "B") + state[place + 1 :]
    world.rig.issuer.clock.now += seconds

    answer = world.call(
        world.token(caller, other_claim),
        answered,
        requestState=state,
        inputResponses={"sure": {"action": "accept", "content": {"sure": True}}},
    )

    is_rightful = owner == caller and not other_claim and asked == answered and seconds < 600 and change is None
    assert ("result" in answer.json) is is_rightful, answer
    assert answer.status in (200, 400)
    assert is_rightful or f"user_{owner}" not in answer.text
