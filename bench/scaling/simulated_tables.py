"""The tables that are simulated: a minute each, the same every time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bench.scaling.arrivals import SECONDS
from bench.scaling.levels import ADVICE, MEMORY, RATES, TOOLS, USUAL_TOOL
from bench.scaling.limits import Published, Setup, as_shipped
from bench.scaling.markdown import count, milliseconds, percent, table
from bench.scaling.measured import Measured
from bench.scaling.outcome import Outcome
from bench.scaling.paper import busy, environments
from bench.scaling.simulate import DEPLOY, RECONNECT, STEADY, STEP, TENFOLD, Scenario, simulate
from bench.scaling.timing import Keys, Kind, Timing, timing

SNAP_START = Kind(snap_start=True)
INIT = Kind(snap_start=False)
LONG_TOOL = 500
KEYS: dict[Keys, str] = {
    "none": "none, or over a day old",
    "old": "over an hour old",
    "fresh": "up to an hour old",
}
RESULTS = (
    "environments started | cold, % | p50 ms | p99 | p99.9 | 429 by API Gateway, % | not taken by Lambda, % "
    "| SSM, most a second | without API key, %"
)
Rows = Iterator[tuple[object, ...]]


def simulated_tables(measured: Measured, rates: Iterable[int] = RATES) -> dict[str, str]:
    """`rates` that are the first of the page's give its first rows, for a test that cannot take as long."""
    tables = Simulated(measured, tuple(rates))
    return {
        "steady": table(
            "calls a second | tool, ms | under way on paper | simulated | environments on paper "
            "| most at once, simulated | started in the minute",
            tables.steady(),
        ),
        "bursts": table(f"calls a second | what happens | tool, ms | start | {RESULTS}", tables.bursts()),
        "keys": table(f"start | snapshot of the keys | {RESULTS} | key fetches | most a second", tables.keys()),
        "secrets": table(
            "calls a second | what happens | SSM takes, a second | asked for, most a second "
            "| of the calls that need the API key, without it, %",
            tables.secrets(),
        ),
        "shipped": table(f"calls a second | what happens | concurrency | {RESULTS}", tables.shipped()),
    }


@dataclass(frozen=True, slots=True)
class Simulated:
    measured: Measured
    rates: tuple[int, ...]

    def steady(self) -> Rows:
        for rate in self.rates:
            for tool in TOOLS:
                times = self._times(SNAP_START, tool)
                outcome = simulate(STEADY, rate, times, ADVICE[rate].setup)
                mean = busy(rate, times.warm)
                paper = milliseconds(mean), milliseconds(outcome.busy_seconds / SECONDS), count(environments(mean))
                yield f"{rate:,}", tool, *paper, count(outcome.peak), count(outcome.started)

    def bursts(self) -> Rows:
        for rate in self.rates:
            for scenario in (DEPLOY, TENFOLD, STEP, RECONNECT):
                for tool in (USUAL_TOOL, LONG_TOOL) if scenario is DEPLOY else (USUAL_TOOL,):
                    for kind in (INIT, SNAP_START):
                        outcome = self._outcome(scenario, rate, kind, ADVICE[rate].setup, tool)
                        yield f"{rate:,}", scenario.title, tool, kind.start, *_results(outcome)

    def keys(self) -> Rows:
        for snap_start in (False, True):
            for keys, title in KEYS.items():
                kind = Kind(snap_start, keys)
                outcome = simulate(RECONNECT, 100, self._times(kind), ADVICE[100].setup)
                fetched = (outcome.key_fetches.total(), max(outcome.key_fetches.values(), default=0))
                yield kind.start, title, *_results(outcome), *map(count, fetched)

    def secrets(self) -> Rows:
        for rate in self.rates:
            for scenario in (DEPLOY, RECONNECT):
                for ssm in (Published().ssm, Published().ssm_raised):
                    outcome = simulate(
                        scenario, rate, self._times(SNAP_START), replace(ADVICE[rate].setup, ssm=ssm)
                    )
                    missing = percent(outcome.without_secret / outcome.asked)
                    yield f"{rate:,}", scenario.title, count(ssm), count(max(outcome.ssm.values())), missing

    def shipped(self) -> Rows:
        limits = Published()
        for rate in self.rates:
            for concurrency in (limits.new_account_concurrency, limits.concurrency):
                yield from self._shipped(rate, as_shipped(concurrency))

    def _shipped(self, rate: int, setup: Setup) -> Rows:
        for scenario in (DEPLOY, RECONNECT):
            outcome = self._outcome(scenario, rate, SNAP_START, setup)
            yield f"{rate:,}", scenario.title, f"{setup.concurrency:,}", *_results(outcome)

    def _outcome(self, scenario: Scenario, rate: int, kind: Kind, setup: Setup, tool: int = USUAL_TOOL) -> Outcome:
        # A deploy makes a snapshot of the keys. Clients come back on any day, when it is too old.
        kind = replace(kind, keys="none") if scenario is RECONNECT else kind
        return simulate(scenario, rate, self._times(kind, tool), setup)

    def _times(self, kind: Kind, tool: int = USUAL_TOOL) -> Timing:
        return timing(self.measured, kind, memory=MEMORY, tool=tool)


def _results(outcome: Outcome) -> tuple[str, ...]:
    return (
        count(outcome.started),
        percent(outcome.cold / outcome.answered),
        *(milliseconds(outcome.milliseconds(quantile)) for quantile in (0.5, 0.99, 0.999)),
        percent(outcome.throttled_by_gateway / outcome.arrived),
        percent(outcome.throttled_by_lambda / outcome.arrived),
        count(max(outcome.ssm.values(), default=0)),
        percent(outcome.without_secret / outcome.answered),
    )
