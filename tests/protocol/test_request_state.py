"""Request state between round trips: sealed, and good for the caller, tool and arguments that began it."""

from dataclasses import replace
from typing import Any

import pytest

from tests.catalogues import asking
from tests.issuer import ABSENT, Issuer
from tests.log import Log
from tests.rig import SETTINGS, Answer, Rig

KEYS = (b"k" * 32, b"o" * 32)


def rig_with(keys: tuple[bytes, ...] = KEYS, issuer: Issuer | None = None) -> Rig:
    settings = replace(SETTINGS, request_state_keys=keys)
    return Rig(settings, issuer or Issuer(), asking)


def begin(rig: Rig, **who: Any) -> str:
    result = rig.exchange(
        "tools/call", {"name": "confirm", "arguments": {"target": "file"}}, token=rig.issuer.token(**who)
    ).json["result"]
    assert result["resultType"] == "input_required"
    state: str = result["requestState"]
    return state


def resume(rig: Rig, state: str, target: str = "file", **who: Any) -> Answer:
    params = {
        "name": "confirm",
        "arguments": {"target": target},
        "requestState": state,
        "inputResponses": {"sure": {"action": "accept", "content": {"sure": True}}},
    }
    return rig.exchange("tools/call", params, token=rig.issuer.token(**who))


def test_the_caller_who_began_can_go_on_in_any_environment_with_the_key() -> None:
    issuer = Issuer()
    state = begin(rig_with(issuer=issuer))

    answer = resume(rig_with(issuer=issuer), state)

    assert answer.json["result"]["content"][0]["text"] == "resumed state of round one"


def test_the_state_is_not_readable() -> None:
    assert "round" not in begin(rig_with())


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("another user", {"sub": "user_01MALLORY"}),
        ("the same user through another client", {"client_id": "client_2"}),
        ("the same user in another organisation", {"org_id": "org_01OTHER"}),
        ("the same user without organisation", {"org_id": ABSENT}),
    ],
)
def test_another_caller_cannot_replay_it(name: str, who: dict[str, str], log: Log) -> None:
    rig = rig_with()
    state = begin(rig)

    answer = resume(rig, state, **who)

    assert (answer.status, answer.json["error"]["message"]) == (400, "Invalid or expired requestState")
    assert any("principal" in line["message"] for line in log())


def test_it_does_not_open_for_other_arguments() -> None:
    rig = rig_with()

    assert resume(rig, begin(rig), target="everything").status == 400


def test_a_changed_state_does_not_open() -> None:
    rig = rig_with()
    state = begin(rig)

    assert resume(rig, state[:-4] + "AAAA").status == 400


def test_an_old_key_still_opens_while_the_new_one_seals() -> None:
    issuer = Issuer()
    state = begin(rig_with((KEYS[1],), issuer))

    assert resume(rig_with((KEYS[0], KEYS[1]), issuer), state).status == 200
    assert resume(rig_with((KEYS[0],), issuer), state).status == 400


def test_without_a_shared_key_another_environment_cannot_open_it() -> None:
    issuer = Issuer()
    here, there = rig_with((), issuer), rig_with((), issuer)
    state = begin(here)

    assert resume(there, state).status == 400
    assert resume(here, state).status == 200


def test_it_does_not_open_at_another_server_with_the_same_keys() -> None:
    issuer = Issuer()
    state = begin(rig_with(issuer=issuer))
    other = Rig(replace(SETTINGS, base_url="https://other.example.com", request_state_keys=KEYS), issuer, asking)

    answer = resume(other, state, aud="https://other.example.com/mcp")

    assert answer.status == 400


def test_it_does_not_open_for_the_same_names_of_another_issuer() -> None:
    state = begin(rig_with())
    elsewhere = Issuer(url="https://other.authkit.app")
    other = Rig(replace(SETTINGS, issuer=elsewhere.url, request_state_keys=KEYS), elsewhere, asking)

    assert resume(other, state).status == 400
