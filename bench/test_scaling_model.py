"""The simulation of docs/scaling.md keeps to the formula and to every limit that it knows."""

from math import exp, factorial
from random import Random

import pytest

from bench.scaling.arrivals import CLIENTS, REQUESTS, SECONDS
from bench.scaling.fleet import Fleet
from bench.scaling.limits import Setup
from bench.scaling.outcome import Outcome
from bench.scaling.paper import RARELY, busy, environments
from bench.scaling.prices import tiered
from bench.scaling.simulate import DEPLOY, RECONNECT, STEADY, STEP, TENFOLD, Scenario, simulate
from bench.scaling.timing import Timing

OPEN = Setup(throttle_rate=1e9, throttle_burst=1e9, concurrency=10**6)
SCENARIOS = (STEADY, DEPLOY, TENFOLD, STEP, RECONNECT)


def times(warm: float = 0.05, *, fetches_keys: bool = False) -> Timing:
    return Timing(start=0.4, first=0.1, warm=warm, secret=0.2, secret_again=0.05, fetches_keys=fetches_keys)


def at_once(calls: int, setup: Setup = OPEN, *, needs_key: bool = False) -> Outcome:
    fleet = Fleet(times(), setup)
    for _ in range(calls):
        fleet.call(0.0, needs_key)
    return fleet.end()


@pytest.mark.parametrize(("rate", "seconds"), [(20, 0.05), (200, 0.5), (1000, 0.05)])
def test_a_steady_load_needs_what_the_formula_says(rate: int, seconds: float) -> None:
    mean = busy(rate, seconds)

    outcome = simulate(STEADY, rate, times(seconds), OPEN, key_share=0)

    assert outcome.busy_seconds / SECONDS == pytest.approx(mean, rel=0.05)
    assert mean < outcome.peak <= environments(mean)
    assert outcome.started == 0


@pytest.mark.parametrize("mean", [0.1, 1, 5, 50])
def test_the_environments_needed_are_too_few_a_millionth_of_the_time(mean: float) -> None:
    def beyond(count: int) -> float:
        return sum(exp(-mean) * mean**k / factorial(k) for k in range(count + 1, count + 70))

    assert beyond(environments(mean)) <= RARELY < beyond(environments(mean) - 1)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
@pytest.mark.parametrize("setup", [OPEN, Setup(5, 10, 3), Setup(1e9, 1e9, 1)], ids=["open", "gateway", "lambda"])
def test_every_call_is_answered_or_throttled(scenario: Scenario, setup: Setup) -> None:
    calls = list(scenario.calls(50, Random(1)))  # noqa: S311 - no secret
    fleet = Fleet(times(), setup)
    for now, more in calls:
        fleet.call(now, needs_key=False, more=more)
    outcome = fleet.end()

    throttled = outcome.throttled_by_gateway + outcome.throttled_by_lambda
    assert outcome.answered + throttled == outcome.arrived >= len(calls)
    assert (throttled == 0) == (setup is OPEN)
    # A client that is throttled sends no more.
    assert (outcome.arrived == sum(1 + more for _, more in calls)) == (setup is OPEN or scenario is not RECONNECT)
    assert outcome.cold == outcome.started


def test_the_same_seed_gives_the_same_result() -> None:
    assert simulate(RECONNECT, 50, times(), OPEN) == simulate(RECONNECT, 50, times(), OPEN)
    assert simulate(RECONNECT, 50, times(), OPEN) != simulate(RECONNECT, 50, times(), OPEN, seed=2)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
def test_lambda_throttles_exactly_from_where_concurrency_is_too_small(scenario: Scenario) -> None:
    # So few that ten calls a second for each never matter.
    peak = simulate(scenario, 5, times(1.0), OPEN).peak

    enough, short = (simulate(scenario, 5, times(1.0), Setup(1e9, 1e9, cap)) for cap in (peak, peak - 1))

    assert (enough.throttled_by_lambda, enough.peak) == (0, peak)
    assert short.throttled_by_lambda > 0
    assert short.peak == peak - 1


def test_lambda_starts_a_thousand_environments_at_once_and_a_hundred_more_a_second() -> None:
    outcome = at_once(3000)
    assert (outcome.started, outcome.throttled_by_lambda) == (1000, 2000)

    fleet = Fleet(times(10.0), OPEN)
    for now in (0.0, 2.0):
        for _ in range(1500):
            fleet.call(now, needs_key=False)
    # 1,000 of before are free again, 200 are new.
    assert fleet.end().started == 1200


def test_lambda_takes_ten_calls_a_second_for_each_of_the_concurrency() -> None:
    fleet = Fleet(times(0.001), Setup(1e9, 1e9, 2))
    fleet.warm_up(2, Random(1))  # noqa: S311 - no secret
    for number in range(40):
        fleet.call(number * 0.01, needs_key=False)

    # 20 at hand, 20 a second for 0.39 s.
    assert fleet.end().throttled_by_lambda == 40 - 27


def test_api_gateway_lets_the_burst_through_and_then_its_rate() -> None:
    fleet = Fleet(times(), Setup(throttle_rate=10, throttle_burst=5, concurrency=1000))
    for now in (0.0, 0.3):
        for _ in range(20):
            fleet.call(now, needs_key=False)

    assert fleet.end().throttled_by_gateway == 40 - 5 - 3


@pytest.mark.parametrize(("gap", "started"), [(299, 1), (301, 2)])
def test_an_idle_environment_ends_after_five_minutes(gap: float, started: int) -> None:
    fleet = Fleet(times(), OPEN)
    fleet.call(0.0, needs_key=False)
    fleet.call(0.5 + gap, needs_key=False)

    assert fleet.end().started == started


def test_a_cold_call_takes_the_start_and_the_first_call() -> None:
    outcome = at_once(1)

    assert outcome.latencies == [pytest.approx(0.4 + 0.1)]


def test_every_environment_fetches_the_keys_unless_they_are_at_hand() -> None:
    fetched, at_hand = (simulate(DEPLOY, 50, times(fetches_keys=fetches), OPEN) for fetches in (True, False))

    assert fetched.key_fetches.total() == fetched.started > 0
    assert at_hand.key_fetches.total() == 0


def test_the_environments_that_ssm_refuses_answer_without_a_key() -> None:
    outcome = at_once(100, needs_key=True)

    assert outcome.ssm == {0: 100}
    assert (outcome.asked, outcome.without_secret) == (100, 60)
    assert outcome.latencies == [pytest.approx(0.4 + 0.1 + 0.2)] * 100


def test_a_refused_environment_asks_again_after_ten_seconds_and_a_served_one_after_five_minutes() -> None:
    fleet = Fleet(times(), Setup(1e9, 1e9, 1000, ssm=1))
    # Both at once: the second is refused. Then one environment serves, the one that was used last.
    for now in (0.0, 0.0, 5.0, 12.0, 200.0, 320.0):
        fleet.call(now, needs_key=True)

    outcome = fleet.end()
    assert outcome.ssm == {0: 2, 12: 1, 320: 1}
    assert outcome.without_secret == 2
    # SSM's client is made once.
    assert outcome.latencies == pytest.approx([0.05, 0.05, 0.1, 0.1, 0.7, 0.7])


def test_a_client_sends_its_requests_one_after_the_other() -> None:
    fleet = Fleet(times(), OPEN)
    fleet.call(0.0, needs_key=True, more=2)

    outcome = fleet.end()
    assert (outcome.arrived, outcome.started, outcome.peak) == (3, 1, 1)
    # The last alone needs the key.
    assert outcome.asked == 1
    assert outcome.latencies == pytest.approx([0.05, 0.05 + 0.2, 0.4 + 0.1])
    assert simulate(RECONNECT, 1, times(), OPEN).arrived > CLIENTS * REQUESTS


def test_each_part_of_an_amount_has_the_price_of_its_tier() -> None:
    tiers = ((10.0, 3.0), (20.0, 2.0), (float("inf"), 1.0))

    assert [tiered(amount, tiers) for amount in (0, 5, 10, 15, 25)] == [0, 15, 30, 40, 55]
