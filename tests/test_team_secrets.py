"""The secrets of a team's tools: a variable first, then SSM, and never in a log line or in an answer."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pydantic import SecretStr

from app.authoring import NoSession, get_secret, secret
from app.runtime.secrets import ParametersUnavailable, SecretUnavailable
from app.runtime.team_secrets import TeamSecrets
from tests.issuer import Clock, Issuer
from tests.log import Log
from tests.packages import Write
from tests.rig import SETTINGS, Rig

PATH = "/app/dev/team"
KEY = f"{PATH}/STRIPE_KEY"
WITH_SSM = replace(SETTINGS, team_secrets_path=PATH)
CHARGE = '''
"""A tool that needs a secret as a parameter, and a second one in its code."""

from typing import Annotated

from fastapi import Depends
from pydantic import SecretStr

from app.authoring import get_secret, secret, tool


def get_account(key: Annotated[SecretStr, Depends(secret("STRIPE_KEY"))]) -> str:
    return f"account of {key} {len(key.get_secret_value())}"


@tool()
async def charge(account: Annotated[str, Depends(get_account)], twice: bool = False) -> str:
    """Charge a card."""
    return f"{account}, {await get_secret('SECOND_KEY')}" if twice else account


@tool()
def charge_in_a_thread(key: Annotated[SecretStr, Depends(secret("STRIPE_KEY"))]) -> str:
    """Charge a card."""
    return key.get_secret_value()[:2]
'''
ASKS = {"source": "workos-mcp-lambda.operator", "action": "check-secrets"}


@dataclass
class Store:
    """Stands in for the function that asks SSM."""

    values: dict[str, str] = field(default_factory=lambda: {KEY: "sk_live_hidden"})
    trouble: str | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    async def fetch(self, names: tuple[str, ...]) -> Mapping[str, str]:
        self.asked.append(names)
        if self.trouble:
            raise ParametersUnavailable(self.trouble)
        return {name: self.values[name] for name in names if name in self.values}


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def rig(store: Store, write: Write) -> Rig:
    return Rig(WITH_SSM, tools=write(charge=CHARGE), fetch_parameters=store.fetch)


def text(result: Mapping[str, Any]) -> str:
    said: str = result["content"][0]["text"]
    return said


def test_a_tool_gets_its_secret_from_ssm_once_and_nobody_else_sees_it(rig: Rig, store: Store, log: Log) -> None:
    answers = [text(rig.call("charge")) for _ in range(3)]

    assert answers == ["account of ********** 14"] * 3
    assert store.asked == [(KEY,)]
    assert text(rig.call("charge_in_a_thread")) == "sk"
    assert "sk_live_hidden" not in json.dumps(log())


def test_a_variable_wins_and_ssm_is_not_asked(rig: Rig, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_KEY", " sk_own\n")

    assert text(rig.call("charge")) == "account of ********** 6"
    assert store.asked == []


def test_a_rotated_secret_arrives_after_five_minutes(store: Store) -> None:
    clock = Clock()
    secrets = TeamSecrets(PATH, store.fetch, clock)
    asyncio.run(secrets.get("STRIPE_KEY"))
    store.values[KEY] = "sk_2\n"
    clock.now += 299
    before = asyncio.run(secrets.get("STRIPE_KEY"))
    clock.now += 1

    after = asyncio.run(secrets.get("STRIPE_KEY"))

    assert [each.get_secret_value() for each in (before, after)] == ["sk_live_hidden", "sk_2"]
    assert "sk_2" not in repr(after) + str(after)


@pytest.mark.parametrize("cause", ["denied", "throttled", "unreachable"])
def test_trouble_with_ssm_is_a_tool_error_and_the_log_has_name_and_reason(
    cause: str, rig: Rig, store: Store, log: Log
) -> None:
    store.trouble = cause

    result = rig.call("charge")

    assert result["isError"] is True
    assert text(result).startswith("This server cannot read one of its secrets at the moment.")
    assert [(line["parameter"], line["reason"]) for line in log("secret unavailable")] == [(KEY, cause)]


@pytest.mark.parametrize(("value", "cause"), [(None, "missing"), (" \n", "malformed")])
def test_a_secret_that_is_missing_or_blank_is_named_in_the_log(
    value: str | None, cause: str, rig: Rig, store: Store, log: Log
) -> None:
    store.values = {} if value is None else {KEY: value}

    assert rig.call("charge")["isError"] is True
    assert [(line["parameter"], line["reason"]) for line in log("secret unavailable")] == [(KEY, cause)]


def test_without_a_path_in_ssm_the_variable_is_named(write: Write, store: Store, log: Log) -> None:
    rig = Rig(tools=write(charge=CHARGE), fetch_parameters=store.fetch)

    assert rig.call("charge")["isError"] is True
    assert store.asked == []
    (line,) = log("secret unavailable")
    assert (line["parameter"], line["reason"]) == ("STRIPE_KEY", "unset")
    assert line["fix"] == "locally: STRIPE_KEY=value in .env; deployed: make secrets NAME=STRIPE_KEY"


def test_two_parameters_of_one_secret_have_one_dependency() -> None:
    assert secret("STRIPE_KEY") == secret("STRIPE_KEY") != secret("SECOND_KEY")
    assert getattr(secret("STRIPE_KEY"), "__name__", "") == 'secret("STRIPE_KEY")'


def test_each_secret_has_its_own_call_and_its_own_failure(rig: Rig, store: Store) -> None:
    second = f"{PATH}/SECOND_KEY"

    assert rig.call("charge", {"twice": True})["isError"] is True
    store.values[second] = "s"
    rig.issuer.clock.now += 10

    assert text(rig.call("charge", {"twice": True})) == "account of ********** 14, **********"
    assert store.asked == [(KEY,), (second,), (second,)]


def test_the_operator_learns_which_declared_secrets_can_be_read(rig: Rig, store: Store) -> None:
    assert rig.handler(ASKS, None) == {"secrets": {KEY: "readable"}}
    store.values.clear()

    # SSM is asked anew.
    assert rig.handler(ASKS, None) == {"secrets": {KEY: "missing"}}


CHECKED = """
from typing import Annotated
from fastapi import Depends
from pydantic import SecretStr
from app.authoring import check, secret, tool

async def knows(key: Annotated[SecretStr, Depends(secret("CHECK_KEY"))]) -> bool:
    return True

@tool(requires=check(knows, needs="to be known"))
async def checked() -> str:
    "Answer."
    return "ok"
"""


def test_the_secret_of_a_check_is_among_them(write: Write, store: Store) -> None:
    rig = Rig(WITH_SSM, tools=write(checked=CHECKED), fetch_parameters=store.fetch)

    assert rig.handler(ASKS, None) == {"secrets": {f"{PATH}/CHECK_KEY": "missing"}}


def test_an_operator_is_told_nothing_where_ssm_has_no_secrets_of_the_team(write: Write, store: Store) -> None:
    rig = Rig(tools=write(charge=CHARGE), fetch_parameters=store.fetch)

    assert rig.handler(ASKS, None) == {"secrets": {}}


def test_a_test_sets_the_variable_or_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoSession, match="set the variable STRIPE_KEY for your test"):
        asyncio.run(get_secret("STRIPE_KEY"))
    monkeypatch.setenv("STRIPE_KEY", "sk_test")

    assert asyncio.run(get_secret("STRIPE_KEY")) == SecretStr("sk_test")
    assert asyncio.run(secret("STRIPE_KEY")()) == SecretStr("sk_test")


@pytest.mark.parametrize(
    "name",
    [
        *("", "stripe", "A-B", "1A", "../../other/KEY", "A" * 65),
        *("AWS_SECRET_ACCESS_KEY", "WORKOS_API_KEY", "REQUEST_STATE_KEY"),
    ],
)
def test_what_cannot_be_a_name_is_refused_before_anybody_is_asked(
    name: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name or "NONE", "of somebody else")
    for read in (get_secret(name), TeamSecrets(PATH, store.fetch, Issuer().clock).get(name)):
        with pytest.raises(ValueError, match="such as STRIPE_KEY"):
            asyncio.run(read)
    with pytest.raises(ValueError, match="such as STRIPE_KEY"):
        secret(name)
    assert store.asked == []


def test_the_error_is_one_that_a_caller_may_read(store: Store) -> None:
    with pytest.raises(SecretUnavailable) as raised:
        asyncio.run(TeamSecrets(None, store.fetch, Clock()).get("STRIPE_KEY"))

    assert "STRIPE_KEY" not in str(raised.value)
