"""API keys without WorkOS: who the caller is, what is asked, and what is remembered for how long."""

import asyncio
import gc
from dataclasses import replace
from typing import Any

import pytest

from app.auth.api_keys import NEVER_EXPIRES, REFUSAL_SECONDS
from app.auth.refusals import Reason, TokenRefused
from app.auth.session import Session
from tests.issuer import NOW
from tests.key_environment import KEY, MEMORY, VALUE, Environment, WorkOS, run, unknown


def test_the_key_of_an_organisation_stands_for_nobody() -> None:
    session = Environment().verify()

    assert (session.kind, session.is_machine, session.is_person) == ("api_key", False, False)
    assert (session.user_id, session.client_id, session.token_id) == ("api_key_01CI",) * 3
    assert (session.organization_id, session.permissions) == ("org_01ACME", frozenset({"reports:read"}))
    assert (session.role, session.roles, session.scopes, session.feature_flags) == (
        None,
        (),
        frozenset(),
        frozenset(),
    )
    assert (session.issued_at, session.expires_at, session.session_id) == (NOW - 1000, NEVER_EXPIRES, None)


def test_the_key_of_a_user_stands_for_the_user_in_one_organisation() -> None:
    key = replace(KEY, owner="user", owner_id="user_01ADA", expires_at=NOW + 5)
    session = Environment(WorkOS({VALUE: key})).verify()

    assert (session.kind, session.is_person, session.api_key_owner) == ("api_key", True, "user")
    assert (session.user_id, session.client_id, session.organization_id) == (
        "user_01ADA",
        "api_key_01CI",
        "org_01ACME",
    )
    assert session.expires_at == NOW + 5


@pytest.mark.parametrize(("passed", "requests"), [(MEMORY - 0.1, 1), (MEMORY, 2), (-1.0, 2)])
def test_a_valid_key_is_used_for_its_memory(passed: float, requests: int) -> None:
    environment = Environment()
    environment.verify()
    environment.clock.now += passed
    environment.verify()

    assert environment.requests == requests


def test_a_memory_that_the_operator_made_shorter_is_shorter() -> None:
    environment = Environment(memory=5)
    environment.verify()
    environment.clock.now += 5
    environment.verify()

    assert environment.requests == 2


def test_a_revoked_key_is_refused_when_its_memory_ends() -> None:
    environment = Environment()
    environment.verify()
    environment.workos.keys.clear()
    environment.clock.now += MEMORY - 1
    environment.verify()
    environment.clock.now += 1

    assert environment.refuse().reason is Reason.API_KEY_REFUSED
    assert environment.requests == 2


def test_no_key_is_used_past_its_expiry() -> None:
    environment = Environment(WorkOS({VALUE: replace(KEY, expires_at=NOW + 10)}))
    environment.verify()
    environment.clock.now += 9
    environment.verify()
    environment.clock.now += 1

    # WorkOS' clock may be behind ours: the key that it still calls valid is refused.
    assert environment.refuse().reason is Reason.API_KEY_REFUSED
    assert environment.requests == 2


@pytest.mark.parametrize(("passed", "requests"), [(REFUSAL_SECONDS - 0.1, 1), (REFUSAL_SECONDS, 2), (-1.0, 2)])
def test_a_refusal_is_remembered_for_seconds(passed: float, requests: int) -> None:
    environment = Environment(WorkOS({}))
    first = environment.refuse()
    environment.clock.now += passed
    again = environment.refuse()

    assert (first.reason, again.reason) == (Reason.API_KEY_REFUSED, Reason.API_KEY_REFUSED)
    assert isinstance(first, TokenRefused)
    assert environment.requests == requests


def test_a_key_that_was_refused_before_it_was_made_gets_in_afterwards() -> None:
    environment = Environment(WorkOS({}))
    environment.refuse()
    environment.workos.keys[VALUE] = KEY
    environment.clock.now += REFUSAL_SECONDS

    assert environment.verify().client_id == "api_key_01CI"


def test_callers_at_the_same_time_ask_once() -> None:
    environment = Environment()

    async def together() -> list[Session]:
        return await asyncio.gather(*(environment.keys.verify(VALUE) for _ in range(20)))

    assert len(set(map(id, run(together())))) == 1
    assert environment.requests == 1


def test_refused_callers_at_the_same_time_ask_once() -> None:
    environment = Environment(WorkOS({}))

    async def together() -> list[Any]:
        return await asyncio.gather(*(environment.keys.verify(VALUE) for _ in range(20)), return_exceptions=True)

    assert {type(answer) for answer in run(together())} == {TokenRefused}
    assert environment.requests == 1


@pytest.mark.parametrize(
    "value",
    [
        "",
        "abc",
        "sk_" + "a" * 12,
        "sk_" + "a" * 254,
        "a" * 8000,
        "sk_example of a key 1",
        "sk_example_of_a_key_1\n",
        "sk_example_of_a_key_1\0",
        "sk_example_of_a_key_1=",
        "sk_example/of/a/key/1",
        "sk_example+of+a+key+1",
        "sk_example~of~a~key~1",
        "sk_exämple_of_a_key_1",
        "sk_example_of_a_key_\uff11",
        "sk_example_of_\ud800_key",
        "sk.example.of.a.key.1",
        '{"value":"sk_example"}',
        "../../organizations/x",
    ],
)
def test_what_cannot_be_a_key_is_refused_without_asking(value: str) -> None:
    environment = Environment()

    assert environment.refuse(value).reason is Reason.NOT_AN_API_KEY
    assert environment.requests == 0


def test_the_value_of_a_key_is_kept_nowhere() -> None:
    value = "sk_kept_nowhere_" + "x" * 10
    environment = Environment(WorkOS({value: KEY}))
    environment.verify(value)
    environment.refuse(unknown(1))

    kept = reach(environment.keys, environment.workos)

    assert "api_key_01CI" in kept
    assert [each for each in kept if value in repr(each)] == []


def reach(root: object, *others: object) -> list[object]:
    """All texts and bytes that the object leads to, but not through the others."""
    seen, waiting = {id(each) for each in others}, list(vars(root).values())
    texts: list[object] = []
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, type) or getattr(each, "__self__", None) in others:
            continue
        seen.add(id(each))
        if isinstance(each, str | bytes):
            texts.append(each)
        elif not callable(each):
            waiting += gc.get_referents(each)
    return texts


def test_two_environments_know_a_key_by_different_digests() -> None:
    one, other = Environment(), Environment()
    one.verify()
    other.verify()

    assert set(one.keys._valid).isdisjoint(other.keys._valid)
