"""Request state between round trips: sealed, and good for the caller and the call that it was made for."""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from mcp.server.request_state import AESGCMRequestStateCodec

from app.runtime.secrets import MAX_AGE_SECONDS, SUSPECT_AGE_SECONDS, ParametersUnavailable
from tests.catalogues import asking
from tests.issuer import ABSENT, Issuer
from tests.log import Log
from tests.protocol.asking import Conversation, accept
from tests.rig import SETTINGS, Rig

KEYS = (b"k" * 32, b"o" * 32)
NOT_YOURS = (
    "Invalid or expired requestState: this server did not give it to you for this call. "
    "Call again from the start, without it."
)
TOO_OLD = (
    "Invalid or expired requestState: it is good for 10 minutes from a question to its answer, and for 60 in all. "
    "Call again from the start, without it."
)
YES = accept(really=True)


def rig_with(keys: tuple[bytes, ...] = KEYS, issuer: Issuer | None = None, **changes: Any) -> Rig:
    return Rig(replace(SETTINGS, request_state_keys=keys, **changes), issuer or Issuer(), asking)


def begun(rig: Rig, tool: str = "purge", **arguments: Any) -> Conversation:
    call = Conversation(rig, tool, arguments or ({"target": "file"} if tool == "purge" else {}))
    call.asked()
    return call


def reason(log: Log) -> str:
    line = log("exchange")[-1]
    assert line["outcome"] == "denied"
    return str(line["reason"])


def test_the_caller_who_began_goes_on_in_any_environment_with_the_key() -> None:
    issuer = Issuer()
    call = begun(rig_with(issuer=issuer))
    call.rig = rig_with(issuer=issuer)

    assert call.says(YES) == "file purged"


def test_the_state_is_not_readable() -> None:
    call = Conversation(rig_with(), "keeping")
    call.asked()

    assert call.state is not None
    kind, _, sealed = call.state.partition(".")
    assert kind == "v1"
    assert b"numbers" not in base64.urlsafe_b64decode(sealed + "==")


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
    call = begun(rig_with())
    call.who = who

    assert call.error(YES) == (400, -32602, NOT_YOURS)
    assert reason(log) == "state_caller"


def test_the_same_names_of_another_issuer_are_another_caller(log: Log) -> None:
    call, elsewhere = begun(rig_with()), Issuer(url="https://other.authkit.app")
    call.rig = Rig(replace(SETTINGS, issuer=elsewhere.url, request_state_keys=KEYS), elsewhere, asking)

    assert call.error(YES) == (400, -32602, NOT_YOURS)
    assert reason(log) == "state_caller"


def test_it_does_not_open_for_other_arguments(log: Log) -> None:
    call = begun(rig_with())
    call.arguments = {"target": "everything"}

    assert call.error(YES) == (400, -32602, NOT_YOURS)
    assert reason(log) == "state_call"


@pytest.mark.parametrize("tool", ["lenient", "nothing"])
def test_it_does_not_open_for_another_tool_which_may_not_even_exist(tool: str, log: Log) -> None:
    call = begun(rig_with())
    call.tool = tool

    assert call.error(YES) == (400, -32602, NOT_YOURS)
    assert reason(log) == "state_call"


def test_it_does_not_open_at_another_server_with_the_same_keys(log: Log) -> None:
    issuer = Issuer()
    call = begun(rig_with(issuer=issuer))
    call.rig = rig_with(issuer=issuer, base_url="https://other.example.com")
    call.who = {"aud": "https://other.example.com/mcp"}

    assert call.error(YES) == (400, -32602, NOT_YOURS)
    assert reason(log) == "state_call"


@pytest.mark.parametrize(
    "changed",
    [
        lambda state: state[:-4] + ("AAAA" if state[-4:] != "AAAA" else "BBBB"),
        lambda state: state + "-TAMPERED",
        lambda state: state[:40],
        lambda state: state.upper(),
        lambda state: "",
        lambda state: "v1.",
        lambda state: "\ud800",
        lambda state: 5,
        lambda state: {"state": state},
    ],
)
def test_a_changed_state_does_not_open(changed: Any, log: Log) -> None:
    call = begun(rig_with())

    assert call.error(requestState=changed(call.state)) == (400, -32602, NOT_YOURS)
    assert reason(log) == "state_unreadable"


def test_a_refusal_has_the_sdks_reason_for_clients_that_look_for_it() -> None:
    call = begun(rig_with())
    call.error(requestState="made up")

    assert call.answer.json["error"]["data"] == {"reason": "invalid_request_state"}


@pytest.mark.parametrize(
    "content", [{"v": 1, "iat": 0, "exp": 9e9, "s": "state"}, {}, {"at": 1, "began": 1, "state": "x"}]
)
def test_a_state_of_an_earlier_release_does_not_open(content: Any, log: Log) -> None:
    call = begun(rig_with())
    sealed = AESGCMRequestStateCodec(KEYS).seal(json.dumps(content).encode())

    assert call.error(requestState=sealed) == (400, -32602, NOT_YOURS)
    assert reason(log) == "state_unreadable"


def test_it_is_good_for_ten_minutes(log: Log) -> None:
    issuer = Issuer()
    call = begun(rig_with(issuer=issuer))

    issuer.clock.now += 600
    assert call.error(YES) == (400, -32602, TOO_OLD)
    assert reason(log) == "state_expired"

    issuer.clock.now -= 1
    assert call.says(YES) == "file purged"


def test_it_is_good_in_an_environment_whose_clock_is_a_little_behind() -> None:
    issuer = Issuer()
    call = begun(rig_with(issuer=issuer))

    issuer.clock.now -= 61
    assert call.error(YES) == (400, -32602, TOO_OLD)

    issuer.clock.now += 1
    assert call.says(YES) == "file purged"


def test_no_answer_outlives_the_hour_in_which_its_call_began(log: Log) -> None:
    issuer = Issuer()
    call = begun(rig_with(issuer=issuer), "again")
    for _ in range(6):
        issuer.clock.now += 599
        call.asked(accept(really=False))

    issuer.clock.now += 6
    assert call.error(YES) == (400, -32602, TOO_OLD)
    assert reason(log) == "state_expired"

    issuer.clock.now -= 1
    assert call.says(YES) == "after 7"


def test_an_old_key_still_opens_while_the_new_one_seals() -> None:
    issuer = Issuer()
    call = begun(rig_with((KEYS[1],), issuer))

    call.rig = rig_with((KEYS[0],), issuer)
    assert call.error(YES) == (400, -32602, NOT_YOURS)

    call.rig = rig_with((KEYS[0], KEYS[1]), issuer)
    assert call.says(YES) == "file purged"


def test_a_key_that_is_there_twice_is_no_trouble() -> None:
    call = begun(rig_with((KEYS[0], KEYS[0])))

    assert call.says(YES) == "file purged"


def test_without_a_shared_key_another_environment_cannot_open_it_and_the_log_warns(log: Log) -> None:
    issuer = Issuer()
    here, there = rig_with((), issuer), rig_with((), issuer)
    call = begun(here)

    call.rig = there
    assert call.error(YES) == (400, -32602, NOT_YOURS)
    call.rig = here
    assert call.says(YES) == "file purged"
    assert len(log("no REQUEST_STATE_KEY: no other environment can go on with what this one asks")) == 2


def test_what_was_written_for_the_sdk_is_sealed_too() -> None:
    rig = rig_with()
    call = Conversation(rig, "confirm", {"target": "file"})
    call.asked()

    assert call.says(accept(sure=True)) == "resumed state of round one"


def test_a_null_state_is_none() -> None:
    call = begun(rig_with())

    assert call.send(requestState=None)["resultType"] == "input_required"


PARAMETER = "/app/dev/request-state-key"


def written(*keys: bytes) -> str:
    return ",".join(base64.urlsafe_b64encode(key).decode() for key in keys)


@dataclass
class Store:
    """Stands in for the function that asks SSM."""

    value: str
    trouble: bool = False
    asked: int = 0

    async def fetch(self, names: tuple[str, ...]) -> Mapping[str, str]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.trouble:
            raise ParametersUnavailable("throttled")
        return {PARAMETER: self.value}


@dataclass
class Fleet:
    """Environments that share an SSM parameter, and each keep what they read of it."""

    issuer: Issuer = field(default_factory=Issuer)
    store: Store = field(default_factory=lambda: Store(written(KEYS[1])))

    def environment(self) -> Rig:
        settings = replace(SETTINGS, request_state_keys=(), request_state_key_parameter=PARAMETER)
        return Rig(settings, self.issuer, asking, fetch_parameters=self.store.fetch)


def test_a_warm_environment_opens_what_one_with_a_newer_key_sealed() -> None:
    fleet = Fleet()
    warm = fleet.environment()
    begun(warm)
    fleet.store.value = written(*KEYS)
    fleet.issuer.clock.now += SUSPECT_AGE_SECONDS
    call = begun(fleet.environment())

    call.rig = warm

    assert call.says(YES) == "file purged"


def test_made_up_states_do_not_make_an_environment_ask_again_and_again() -> None:
    fleet = Fleet()
    call = begun(fleet.environment())
    for _ in range(20):
        call.error(requestState="v1.bWFkZSB1cA")
    assert fleet.store.asked == 1

    fleet.issuer.clock.now += SUSPECT_AGE_SECONDS
    for _ in range(20):
        call.error(requestState="v1.bWFkZSB1cA")
    assert fleet.store.asked == 2


def test_states_that_open_never_make_an_environment_ask_earlier() -> None:
    fleet = Fleet()
    rig = fleet.environment()
    for _ in range(5):
        fleet.issuer.clock.now += MAX_AGE_SECONDS / 5 - 1
        assert begun(rig).says(YES) == "file purged"

    assert fleet.store.asked == 1


def test_a_key_that_cannot_be_looked_up_is_no_reason_to_fail() -> None:
    fleet = Fleet()
    rig = fleet.environment()
    call = begun(rig)
    fleet.issuer.clock.now += SUSPECT_AGE_SECONDS
    fleet.store.trouble = True

    assert call.error(requestState="v1.bWFkZSB1cA") == (400, -32602, NOT_YOURS)
    assert call.says(YES) == "file purged"


def test_a_key_that_was_taken_away_opens_nothing_once_it_is_known() -> None:
    fleet = Fleet()
    rig = fleet.environment()
    call = begun(rig)
    fleet.store.value = written(KEYS[0])
    fleet.issuer.clock.now += MAX_AGE_SECONDS

    assert call.error(YES) == (400, -32602, NOT_YOURS)
