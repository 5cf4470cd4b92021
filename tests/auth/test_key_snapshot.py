"""Keys from before the environment: its first answer waits for no network, and nothing is trusted for longer."""

import asyncio
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from jwt import PyJWK

from app.auth.fetch import FetchFailed
from app.auth.signing_keys import SigningKeys
from tests.issuer import ISSUER, NOW, Issuer, public_jwk, stranger
from tests.log import Log
from tests.rig import SETTINGS, Rig

JWKS = f"{ISSUER}/oauth2/jwks"
HOUR, DAY = 3600.0, 24 * 3600.0


@dataclass
class SlowIssuer(Issuer):
    """Its answers come when they are let through, if they are held at all."""

    held: bool = False
    waiting: list[asyncio.Future[None]] = field(default_factory=list)

    async def fetch(self, url: str, *, seconds: float) -> bytes:
        if self.held:
            let_through = asyncio.get_running_loop().create_future()
            self.waiting.append(let_through)
            try:
                await let_through
            finally:
                self.waiting.remove(let_through)
        return await super().fetch(url, seconds=seconds)

    def let_through(self) -> None:
        """What waits goes on, when the loop does."""
        for each in self.waiting:
            each.set_result(None)


Start = Callable[..., Rig]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A fresh environment that was deployed with the issuer's keys of `age` seconds ago, or with this `file`."""
    rigs = []

    def start(age: float = 0.0, *, file: bytes | None = None, issuer: SlowIssuer | None = None) -> Rig:
        issuer = issuer or SlowIssuer()
        path = tmp_path / "signing_keys.json"
        path.write_bytes(key_file(issuer, age) if file is None else file)
        rigs.append(Rig(replace(SETTINGS, key_file=path), issuer))
        return rigs[-1]

    yield start
    for each in rigs:
        each.close()


def key_file(issuer: Issuer, age: float = 0.0, /, **changes: Any) -> bytes:
    keys = [public_jwk(kid, key) for kid, key in issuer.keys.items()]
    return json.dumps({"issuer": ISSUER, "fetched_at": NOW - age, "keys": keys, **changes}).encode()


def slow(rig: Rig) -> SlowIssuer:
    assert isinstance(rig.issuer, SlowIssuer)
    return rig.issuer


def ask(rig: Rig, **options: Any) -> int:
    return rig.exchange("tools/list", **options).status


def test_with_keys_of_the_last_hour_nothing_is_fetched_at_all(start: Start, log: Log) -> None:
    rig = start(600)

    assert [ask(rig) for _ in range(20)] == [200] * 20
    assert rig.issuer.fetched == []
    (line,) = log("signing keys of a snapshot")
    assert {name: line[name] for name in ("source", "age", "keys", "usable")} == {
        "source": "deployment",
        "age": 600,
        "keys": 1,
        "usable": True,
    }


@pytest.mark.parametrize("age", [HOUR, DAY - 1])
def test_with_older_ones_the_next_call_begins_a_refresh_and_waits_for_it_as_little_as_the_first(
    start: Start, age: float
) -> None:
    rig = start(age)
    slow(rig).held = True
    first, begun_by_first = ask(rig), len(slow(rig).waiting)
    second, begun_by_second = ask(rig), len(slow(rig).waiting)
    slow(rig).let_through()

    assert (first, begun_by_first, second, begun_by_second) == (200, 0, 200, 1)
    assert [ask(rig) for _ in range(20)] == [200] * 20
    assert rig.issuer.fetched == [JWKS]


def test_calls_meanwhile_begin_no_second_refresh(start: Start) -> None:
    rig = start(HOUR)
    slow(rig).held = True

    assert [ask(rig) for _ in range(5)] == [200] * 5
    assert len(slow(rig).waiting) == 1


def test_a_key_that_was_withdrawn_since_is_gone_with_the_refresh(start: Start) -> None:
    rig = start(HOUR)
    withdrawn = rig.issuer.token(exp=2_000_000_000)
    rig.issuer.rotate()
    slow(rig).held = True
    before = [ask(rig, token=withdrawn) for _ in range(3)]
    slow(rig).let_through()
    rig.request("GET", "/healthz")
    rig.request("GET", "/healthz")

    assert (before, ask(rig, token=withdrawn), ask(rig)) == ([200] * 3, 401, 200)
    assert rig.issuer.jwks_fetches == 1


@pytest.mark.parametrize("calls", [1, 2])
def test_who_calls_when_a_refresh_should_be_over_waits_for_one(start: Start, calls: int, log: Log) -> None:
    rig = start(HOUR)
    withdrawn = rig.issuer.token(exp=2_000_000_000)
    rig.issuer.rotate()
    slow(rig).held = True
    for _ in range(calls):
        ask(rig, token=withdrawn)
    slow(rig).held = False
    rig.issuer.clock.now += 3

    assert ask(rig, token=withdrawn) == 401
    assert slow(rig).waiting == []
    assert rig.issuer.fetched == [JWKS]
    assert log("signing keys could not be fetched") == []


def test_a_clock_that_was_set_back_does_not_give_a_refresh_more_time(start: Start) -> None:
    rig = start(2 * HOUR)
    withdrawn = rig.issuer.token(exp=2_000_000_000, iat=NOW - HOUR)
    rig.issuer.rotate()
    first = ask(rig, token=withdrawn)
    rig.issuer.clock.now -= 60

    assert (first, ask(rig, token=withdrawn)) == (200, 401)


@pytest.mark.parametrize("age", [0, HOUR])
def test_a_newer_key_is_found_with_one_fetch(start: Start, age: float) -> None:
    rig = start(age)
    rig.issuer.rotate()

    assert [ask(rig) for _ in range(5)] == [200] * 5
    assert rig.issuer.fetched == [JWKS]


def test_who_brings_a_newer_key_waits_for_the_refresh_that_goes_on() -> None:
    issuer = SlowIssuer(held=True)

    async def scenario() -> PyJWK:
        keys = SigningKeys(JWKS, issuer.fetch, issuer.clock)
        await _prepare(keys, issuer, age=HOUR)
        await keys.find("key_1")
        await keys.find("key_1")
        issuer.rotate()
        second = asyncio.ensure_future(keys.find("key_2"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        issuer.let_through()
        return await second

    assert asyncio.run(scenario()).key.key_size == 2048
    assert issuer.jwks_fetches == 2  # the snapshot's and one more


def test_random_kids_cause_one_fetch_in_30_seconds(start: Start) -> None:
    rig = start(600)

    assert [ask(rig, token=rig.issuer.token({"kid": f"random{n}"})) for n in range(20)] == [401] * 20
    assert rig.issuer.jwks_fetches == 1


def test_a_key_that_was_fetched_since_is_refreshed_like_any_other(start: Start) -> None:
    rig = start(HOUR)
    for _ in range(3):
        ask(rig)
    withdrawn = rig.issuer.token(exp=2_000_000_000)
    rig.issuer.rotate()
    rig.issuer.clock.now += HOUR

    assert ask(rig, token=withdrawn) == 401
    assert rig.issuer.jwks_fetches == 2


def test_an_environment_that_starts_during_an_outage_serves_until_the_keys_are_a_day_old(start: Start) -> None:
    rig = start(HOUR)
    rig.issuer.down = True
    served = [ask(rig), ask(rig)]
    rig.issuer.clock.now += DAY - HOUR - 1
    last = ask(rig)
    rig.issuer.clock.now += 1
    answer = rig.exchange("tools/list")

    assert (served, last, answer.status) == ([200, 200], 200, 503)
    assert answer.headers["retry-after"] == "4"


def test_during_an_outage_authkit_is_tried_every_5_seconds_and_no_oftener(start: Start, log: Log) -> None:
    rig = start(HOUR)
    rig.issuer.down = True
    for _ in range(10):
        ask(rig)
    within = rig.issuer.jwks_fetches
    rig.issuer.clock.now += 5
    ask(rig)

    assert (within, rig.issuer.jwks_fetches) == (1, 2)
    assert len(log("signing keys could not be fetched")) == 2


@pytest.mark.parametrize("age", [DAY, 30 * DAY, -31.0, -DAY, NOW])
def test_keys_of_more_than_a_day_ago_or_of_the_future_are_as_good_as_none(
    start: Start, age: float, log: Log
) -> None:
    rig, without = start(age), Rig(issuer=Issuer(down=True))
    rig.issuer.down = True
    refused, as_always = rig.exchange("tools/list"), without.exchange("tools/list")
    rig.issuer.clock.now += 5
    rig.issuer.down = False

    assert (refused.status, refused.headers, refused.text) == (503, as_always.headers, as_always.text)
    assert ask(rig) == 200
    assert [line["usable"] for line in log("signing keys of a snapshot")] == [False]


def test_a_clock_that_was_a_little_ahead_is_forgiven(start: Start) -> None:
    rig = start(-30)
    rig.issuer.down = True

    assert ask(rig) == 200


JWK = public_jwk("key_1", stranger())


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("file", "detail"),
    [
        (b"", "not a JWK set"),
        (b"[" * 100_000, "not a JWK set"),
        (b"[]", "not a JWK set"),
        (key_file(Issuer(), keys=[]), "no usable key in the JWK set"),
        (key_file(Issuer(), keys=[{**JWK, "use": "enc"}]), "no usable key in the JWK set"),
        (key_file(Issuer(), issuer="https://other.authkit.app"), "another issuer"),
        (key_file(Issuer(), issuer=None), "another issuer"),
        *(
            (key_file(Issuer(), fetched_at=time), "no time of its fetch")
            for time in (None, "now", True, -1, math.nan, math.inf, -math.inf, 10**400)
        ),
    ],
)
def test_a_file_that_is_no_key_set_of_this_issuer_changes_nothing_but_the_log(
    start: Start, file: bytes, detail: str, log: Log
) -> None:
    start(file=file)  # the log is set up
    rig = start(file=file)

    assert ask(rig) == 200
    assert rig.issuer.fetched == [JWKS]
    assert {line["detail"] for line in log("deployed signing keys are not used")} == {detail}


def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path: Path) -> None:
    rig = Rig(replace(SETTINGS, key_file=tmp_path))

    assert ask(rig) == 200
    assert rig.issuer.fetched == [JWKS]


def test_without_a_key_file_the_keys_are_fetched() -> None:
    rig = Rig(replace(SETTINGS, key_file=None))

    assert ask(rig) == 200
    assert rig.issuer.fetched == [JWKS]


def test_a_token_is_verified_by_the_deployed_key_as_by_any(start: Start) -> None:
    rig = start()
    forged = rig.issuer.sign(rig.issuer.claims(), key=stranger())

    assert ask(rig, token=forged) == 401
    assert rig.issuer.fetched == []


def test_the_end_of_the_server_ends_the_refresh(start: Start) -> None:
    rig = start(HOUR)
    slow(rig).held = True
    ask(rig)
    ask(rig)
    before = len(slow(rig).waiting)
    rig.close()

    assert (before, slow(rig).waiting) == (1, [])


def test_a_defect_behind_the_calls_is_logged_and_no_call_hears_of_it(start: Start, log: Log) -> None:
    rig = start(HOUR)
    rig.issuer.defect = ZeroDivisionError()

    assert [ask(rig), ask(rig), ask(rig)] == [200] * 3
    assert len(log("signing keys could not be renewed")) == 1


@pytest.mark.parametrize("down", [True, False])
def test_what_was_frozen_between_two_calls_is_neither_news_nor_a_failure(
    start: Start, down: bool, log: Log
) -> None:
    rig = start(HOUR)
    slow(rig).held = True
    ask(rig)
    ask(rig)
    # The answer, or the end of the connection, was there when the environment was frozen.
    slow(rig).let_through()
    slow(rig).held, rig.issuer.down = False, down
    rig.issuer.clock.now += 600
    rig.request("GET", "/healthz")  # the loop runs, no token is verified
    rig.request("GET", "/healthz")
    frozen = rig.issuer.jwks_fetches
    rig.issuer.down = False

    assert log("signing keys could not be fetched") == log("signing keys fetched") == []
    assert (frozen, ask(rig), rig.issuer.jwks_fetches) == (1, 200, 2)


async def _prepare(keys: SigningKeys, issuer: SlowIssuer, *, age: float) -> None:
    """The keys were fetched before a snapshot, and the environment was restored later."""
    held, issuer.held = issuer.held, False
    await keys.prepare_snapshot()
    issuer.held = held
    issuer.clock.now += age


@pytest.mark.parametrize(("age", "fetches"), [(HOUR - 1, 1), (HOUR, 2), (DAY - 1, 2), (DAY, 2)])
def test_keys_of_before_lambdas_snapshot_age_in_it(age: float, fetches: int) -> None:
    issuer = SlowIssuer()

    async def scenario() -> None:
        keys = SigningKeys(JWKS, issuer.fetch, issuer.clock)
        await _prepare(keys, issuer, age=age)
        for _ in range(3):
            await keys.find("key_1")
            await asyncio.sleep(0)
        await keys.close()

    asyncio.run(scenario())
    assert issuer.jwks_fetches == fetches


@pytest.mark.parametrize("failure", [FetchFailed("down"), ZeroDivisionError()])
def test_a_fetch_that_fails_before_the_snapshot_leaves_no_trace(failure: Exception, log: Log) -> None:
    issuer = SlowIssuer(defect=failure)

    async def scenario() -> PyJWK:
        keys = SigningKeys(JWKS, issuer.fetch, issuer.clock)
        await keys.prepare_snapshot()
        issuer.defect = None
        return await keys.find("key_1")

    assert asyncio.run(scenario()).key.key_size == 2048
    assert [line["detail"] for line in log("no signing keys for the snapshot")] == [type(failure).__name__]
    assert log("signing keys could not be fetched") == []


def test_a_snapshot_says_once_where_its_keys_are_from(log: Log) -> None:
    issuer = SlowIssuer()

    async def scenario() -> None:
        keys = SigningKeys(JWKS, issuer.fetch, issuer.clock)
        await _prepare(keys, issuer, age=90)
        assert keys.peek("key_1") is not None
        assert keys.peek("key_1") is await keys.find("key_1")

    asyncio.run(scenario())
    assert [(line["source"], line["age"]) for line in log("signing keys of a snapshot")] == [("snapstart", 90)]
