"""Outages of WorkOS and floods of unknown keys: never a 401 for a good key, and few requests."""

import pytest

from app.auth.api_keys import (
    FAILURE_PAUSE_SECONDS,
    MAX_REMEMBERED_KEYS,
    MAX_UNKNOWN_KEYS,
    UNKNOWN_KEY_SECONDS,
    KeyUncheckable,
)
from app.auth.refusals import ApiKeyUnchecked, Reason
from tests.key_environment import KEY, MEMORY, Environment, WorkOS, run, unknown


def test_an_outage_is_a_503_and_nobody_waits_for_the_next_one_for_seconds() -> None:
    environment = Environment(WorkOS(failure=KeyUncheckable()))
    first = environment.refuse()
    environment.clock.now += 1.5
    second = environment.refuse(unknown(1))
    asked_in_pause = environment.requests
    environment.clock.now += FAILURE_PAUSE_SECONDS
    environment.workos.failure = None

    assert isinstance(first, ApiKeyUnchecked)
    assert (first.status, first.reason, first.retry_after) == (503, Reason.API_KEY_UNCHECKED, 5)
    assert isinstance(second, ApiKeyUnchecked)
    assert (second.reason, second.retry_after, asked_in_pause) == (Reason.API_KEY_UNCHECKED, 4, 1)
    assert environment.verify().client_id == "api_key_01CI"


def test_a_clock_that_is_set_back_ends_the_pause() -> None:
    environment = Environment(WorkOS(failure=KeyUncheckable()))
    environment.refuse()
    environment.clock.now -= 3600
    environment.workos.failure = None

    assert environment.verify().client_id == "api_key_01CI"


def test_a_question_that_one_caller_spoils_stops_nobody_else() -> None:
    environment = Environment(WorkOS(failure=KeyUncheckable(concerns_all=False)))
    assert environment.refuse(unknown(1)).reason is Reason.API_KEY_UNCHECKED
    environment.workos.failure = None

    assert environment.verify().client_id == "api_key_01CI"


def test_in_an_outage_a_known_key_works_within_its_memory_and_no_longer() -> None:
    environment = Environment()
    environment.verify()
    environment.workos.failure = KeyUncheckable()
    environment.clock.now += MEMORY - 1
    assert environment.verify().client_id == "api_key_01CI"
    environment.clock.now += 1

    assert environment.refuse().status == 503


def test_a_flood_of_unknown_keys_reaches_workos_a_few_times() -> None:
    environment = Environment()

    refusals = [environment.refuse(unknown(number)) for number in range(1000)]

    assert environment.requests == MAX_UNKNOWN_KEYS
    assert [refusal.reason for refusal in refusals] == [
        *[Reason.API_KEY_REFUSED] * MAX_UNKNOWN_KEYS,
        *[Reason.API_KEY_FLOOD] * (1000 - MAX_UNKNOWN_KEYS),
    ]
    last = refusals[-1]
    assert isinstance(last, ApiKeyUnchecked)
    assert (last.status, last.retry_after) == (503, UNKNOWN_KEY_SECONDS)


@pytest.mark.broad
def test_during_a_flood_a_key_that_was_valid_here_works_also_after_its_memory() -> None:
    environment = Environment()
    environment.verify()
    for number in range(2 * MAX_REMEMBERED_KEYS):
        environment.refuse(unknown(number))
    within = environment.verify()
    environment.clock.now += MEMORY
    for number in range(2 * MAX_REMEMBERED_KEYS):
        environment.refuse(unknown(number))
    asked = environment.requests

    assert environment.verify() == within
    assert environment.requests == asked + 1


def test_after_a_flood_one_more_key_is_asked_about_every_few_seconds() -> None:
    environment = Environment()
    for number in range(MAX_UNKNOWN_KEYS + 1):
        environment.refuse(unknown(number))
    environment.clock.now -= 3600  # a clock that is set back gives nothing
    assert environment.refuse().reason is Reason.API_KEY_FLOOD
    environment.clock.now += UNKNOWN_KEY_SECONDS

    assert environment.verify().client_id == "api_key_01CI"
    # The valid key was given back, an unknown one is not.
    assert environment.refuse(unknown(-1)).reason is Reason.API_KEY_REFUSED
    assert environment.refuse(unknown(-2)).reason is Reason.API_KEY_FLOOD


def test_valid_keys_never_use_the_budget_up() -> None:
    values = [unknown(number) for number in range(10 * MAX_UNKNOWN_KEYS)]
    environment = Environment(WorkOS(dict.fromkeys(values, KEY)))

    assert {environment.verify(value).client_id for value in values} == {"api_key_01CI"}


def test_the_keys_that_were_not_used_for_longest_are_forgotten_first() -> None:
    values = [unknown(number) for number in range(MAX_REMEMBERED_KEYS + 1)]
    environment = Environment(WorkOS(dict.fromkeys(values, KEY)))

    async def use() -> int:
        for value in values[:-1]:
            await environment.keys.verify(value)
        await environment.keys.verify(values[0])
        await environment.keys.verify(values[-1])
        asked = environment.requests
        await environment.keys.verify(values[0])
        assert environment.requests == asked
        await environment.keys.verify(values[1])
        return environment.requests - asked

    assert run(use()) == 1
