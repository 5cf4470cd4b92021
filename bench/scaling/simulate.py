"""One load on one deployment, the same every time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from bench.scaling import arrivals
from bench.scaling.fleet import Fleet
from bench.scaling.limits import Setup
from bench.scaling.outcome import Outcome
from bench.scaling.paper import busy, environments
from bench.scaling.timing import Timing

SEED = 1
KEY_SHARE = 0.25
"""The share of calls that need the API key."""


@dataclass(frozen=True, slots=True)
class Scenario:
    title: str
    calls: Callable[[float, Random], Iterator[arrivals.Arrival]]
    warm_for: float
    """The share of the rate that there are environments for when it begins."""


STEADY = Scenario("steady", arrivals.steady, 1)
DEPLOY = Scenario("a deploy, all calls at once", arrivals.steady, 0)
TENFOLD = Scenario("a tenth of the calls, then all: `Canary`", arrivals.tenfold, 0.1)
STEP = Scenario("a tenth of the calls, then two", arrivals.step, 0.1)
RECONNECT = Scenario("1,000 clients come back", arrivals.reconnect, 1)


def simulate(
    scenario: Scenario, rate: float, times: Timing, setup: Setup, *, key_share: float = KEY_SHARE, seed: int = SEED
) -> Outcome:
    random = Random(seed)  # noqa: S311 - no secret
    fleet = Fleet(times, setup)
    if scenario.warm_for:
        fleet.warm_up(environments(busy(rate * scenario.warm_for, times.warm)), random)
    for now, more in scenario.calls(rate, random):
        fleet.call(now, random.random() < key_share, more)
    return fleet.end()
