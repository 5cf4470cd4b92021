"""Environments and dollars by formula."""

from dataclasses import dataclass
from math import ceil, exp, lgamma, log, sqrt

from bench.scaling.assumed import Assumed
from bench.scaling.measured import Measured
from bench.scaling.prices import MONTH, Prices, tiered
from bench.scaling.timing import Kind, timing

RARELY = 1e-6
KEPT_VERSIONS = 2
"""`make deploy` keeps the live version and the one before it."""


def busy(rate: float, seconds: float) -> float:
    """Little's law: how many calls are under way on average."""
    return rate * seconds


def environments(mean: float) -> int:
    """How many are enough for all but a millionth of the time.

    If calls are a Poisson process and each finds an environment, the number under way has a Poisson
    distribution, however the durations are distributed (M/G/infinity).
    """
    count = ceil(mean + 10 * sqrt(mean) + 20)
    beyond = 0.0
    while count and (beyond := beyond + exp(count * log(mean) - mean - lgamma(count + 1))) <= RARELY:
        count -= 1
    return count


@dataclass(frozen=True, slots=True)
class Bill:
    """Dollars a month."""

    gateway: float
    requests: float
    duration: float
    logs: float
    starts: float
    quota: float
    """Of one limit of docs/quota.md. Off by default, and not in the total."""

    @property
    def total(self) -> float:
        return self.gateway + self.requests + self.duration + self.logs + self.starts


def bill(measured: Measured, kind: Kind, rate: float, *, tool: float, memory: float, arm64: bool = True) -> Bill:
    prices, assumed = Prices(), Assumed()
    gigabytes, calls = memory / 1024, rate * MONTH
    times = timing(measured, kind, memory=memory, tool=tool)
    started = environments(busy(rate, times.warm)) * MONTH / assumed.life_seconds
    per_second = prices.arm64 if arm64 else prices.x86_64
    written = calls * (measured.record + assumed.platform_log) / 1e9
    return Bill(
        gateway=tiered(calls, prices.gateway),
        requests=calls * prices.request,
        # To the next millisecond.
        duration=tiered(calls * ceil(times.warm * 1000) / 1000 * gigabytes, per_second),
        logs=tiered(written, prices.function_log) + calls * assumed.access_log / 1e9 * prices.access_log,
        quota=calls * prices.write,
        starts=_snapshots(prices, started, gigabytes)
        if kind.snap_start
        else started * (times.start - assumed.placement / 1000) * gigabytes * per_second[0][1],
    )


def _snapshots(prices: Prices, started: float, gigabytes: float) -> float:
    return gigabytes * (prices.snapshot * MONTH * KEPT_VERSIONS + prices.restored * started)
