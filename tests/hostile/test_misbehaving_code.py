"""A team's code may do anything: its own caller hears of a failure, the next one is served, the log stays true."""

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.catalogues.misbehaving import prompts, resources, tools
from tests.catalogues.misbehaving.tools._behaviours import BEHAVIOURS
from tests.catalogues.misbehaving.tools.misbehaves import BEHAVIOURS_OF_VALIDATORS
from tests.hostile.neighbours import HOSTILE, Neighbours, neighbours
from tests.hostile.runs import EXAMPLES, SEED
from tests.rig import ERAS, SETTINGS, Rig

pytestmark = pytest.mark.broad

FORGED = json.dumps(
    {"level": "INFO", "message": "exchange", "user_id": "user_VICTIM", "tool": "x", "outcome": "ok"}
)
ROUNDS = max(1, EXAMPLES // 100)
TEXTS = [
    f"x\n{FORGED}\n\ud800",
    f"x\r\n{FORGED}",
    f"x\u2028{FORGED}\u2028",
    FORGED,
    "\ud800",
    "%s %d",
    "",
    "plain",
]
PLACES = ["misbehaves", "misbehaves_in_a_thread", "misbehaves_while_asking", "misbehaves_in_a_check"]


def random_text(random: Random) -> str:
    """One of those that want to be a line of the log, or any characters at all."""
    if random.random() < 0.5:
        return random.choice(TEXTS)
    return "".join(chr(random.randrange(0x11000)) for _ in range(random.randrange(20)))


@pytest.fixture(scope="module")
def environment() -> Iterator[Neighbours]:
    keyed = replace(SETTINGS, request_state_keys=(b"k" * 32,))
    with neighbours(Rig(keyed, tools=tools, prompts=prompts, resources=resources)) as environment:
        yield environment


# Not by hypothesis, which shrinks in the same process what may have exhausted its recursion limit.
@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", BEHAVIOURS)
def test_tools(environment: Neighbours, kind: str, place: str, version: str) -> None:
    random = Random(f"{SEED} {kind} {place} {version}")
    for _ in range(ROUNDS):
        arguments = {"kind": kind, "text": random_text(random)}

        answer = environment.attack(environment.call(place, arguments, version))

        assert answer.status == 200, answer
        environment.check_neighbour()


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("kind", BEHAVIOURS)
def test_prompts_and_resources(environment: Neighbours, kind: str, version: str) -> None:
    asked: dict[str, Any] = {"name": "misbehaving", "arguments": {"kind": kind, "text": random_text(Random(SEED))}}
    for method, params in [("prompts/get", asked), ("resources/read", {"uri": f"misbehaving://{kind}"})]:
        environment.attack(environment.request(method, params, version))
        environment.check_neighbour()


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("kind", BEHAVIOURS_OF_VALIDATORS)
def test_validators(environment: Neighbours, kind: str, version: str) -> None:
    answer = environment.attack(environment.call("misbehaves_in_a_validator", {"value": kind}, version))

    assert answer.json["result"]["isError"] is True
    environment.check_neighbour()


@pytest.mark.parametrize("version", ERAS)
def test_dependencies(environment: Neighbours, version: str) -> None:
    answer = environment.attack(environment.call("misbehaves_in_a_dependency", {}, version))

    assert answer.json["result"]["isError"] is True
    environment.check_neighbour()


def test_every_behaviour_leaves_one_record_of_its_caller(environment: Neighbours) -> None:
    for kind in BEHAVIOURS:
        environment.attack(environment.call("misbehaves", {"kind": kind, "text": "x"}))
        (record,) = [
            line
            for line in map(json.loads, environment.log.getvalue().splitlines())
            if line["message"] == "exchange"
        ]
        assert (record["user_id"], record["tool"]) == (HOSTILE, "misbehaves"), kind
        environment.check_neighbour()
