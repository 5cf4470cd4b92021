"""Environments by discrete events: one call at a time each, a start when none is free, limits that throttle."""

from heapq import heappop, heappush
from random import Random

from app.runtime.secrets import MAX_AGE_SECONDS, RETRY_SECONDS
from bench.scaling.assumed import Assumed
from bench.scaling.bucket import Bucket
from bench.scaling.limits import Published, Setup
from bench.scaling.outcome import Outcome
from bench.scaling.timing import Timing

Call = tuple[float, bool, int]
"""When it came, whether it needs the API key, how many more its client sends, one after the other."""


class Environment:
    __slots__ = ("cold", "free_since", "has_secret", "secret_due")

    def __init__(self, secret_due: float = 0.0, *, has_secret: bool = False, cold: bool = True) -> None:
        self.secret_due = secret_due
        self.has_secret = has_secret
        self.cold = cold
        self.free_since = 0.0


class Fleet:
    """Calls come in order of time. A call that causes a start waits for it, whoever is free meanwhile."""

    def __init__(self, times: Timing, setup: Setup) -> None:
        limits = Published()
        requests = setup.concurrency * limits.requests_per_concurrency
        self._times = times
        self._idle_seconds = Assumed().idle_seconds
        self._concurrency = setup.concurrency
        self._gateway = Bucket(setup.throttle_rate, setup.throttle_burst)
        # How fine Lambda counts requests a second is not published: within a second here.
        self._requests = Bucket(requests, requests)
        self._starts = Bucket(limits.starts / limits.starts_seconds, limits.starts)
        self._ssm = Bucket(setup.ssm, setup.ssm)
        # The one that was used last is used next. Which one Lambda takes is not published.
        self._idle: list[Environment] = []
        # An event is the end of a start, or of a call in an environment that is not cold any more.
        self._events: list[tuple[float, int, Environment, Call]] = []
        self._order = 0
        self._busy = 0
        self.outcome = Outcome()

    def warm_up(self, count: int, random: Random) -> None:
        """Environments from before, whose secrets were fetched at different times."""
        self._idle = [
            Environment(random.uniform(0, MAX_AGE_SECONDS), has_secret=True, cold=False) for _ in range(count)
        ]

    def call(self, now: float, needs_key: bool, more: int = 0) -> None:
        self._until(now)
        outcome = self.outcome
        outcome.arrived += 1
        if not self._gateway.take(now):
            outcome.throttled_by_gateway += 1
        elif self._busy >= self._concurrency or not self._requests.take(now):
            outcome.throttled_by_lambda += 1
        elif environment := self._free(now):
            self._take()
            self._answer(now, self._times.warm, environment, (now, needs_key, more))
        elif self._starts.take(now):
            self._take()
            outcome.started += 1
            self._schedule(now + self._times.start, Environment(), (now, needs_key, more))
        else:
            outcome.throttled_by_lambda += 1

    def end(self) -> Outcome:
        """Once every call that is under way has its answer."""
        self._until(float("inf"))
        self.outcome.latencies.sort()
        return self.outcome

    def _until(self, now: float) -> None:
        while self._events and self._events[0][0] <= now:
            at, _, environment, call = heappop(self._events)
            if environment.cold:
                environment.cold = False
                self._first(at, environment, call)
            else:
                self._leave(at, environment, call)

    def _free(self, now: float) -> Environment | None:
        if not self._idle:
            return None
        environment = self._idle.pop()
        if now - environment.free_since <= self._idle_seconds:
            return environment
        # The others have been idle for longer.
        self._idle.clear()
        return None

    def _take(self) -> None:
        self._busy += 1
        self.outcome.peak = max(self.outcome.peak, self._busy)

    def _first(self, now: float, environment: Environment, call: Call) -> None:
        self.outcome.cold += 1
        if self._times.fetches_keys:
            self.outcome.key_fetches[int(now)] += 1
        self._answer(now, self._times.first, environment, call)

    def _leave(self, now: float, environment: Environment, call: Call) -> None:
        self._busy -= 1
        environment.free_since = now
        self._idle.append(environment)
        _, needs_key, more = call
        if more:
            self.call(now, needs_key, more - 1)

    def _answer(self, now: float, seconds: float, environment: Environment, call: Call) -> None:
        came, needs_key, more = call
        # Of what a client sends to connect, the last alone may need the key.
        if needs_key and not more:
            seconds += self._fetch_secret(now, environment) if now >= environment.secret_due else 0.0
            self.outcome.asked += 1
            self.outcome.without_secret += not environment.has_secret
        self.outcome.latencies.append(now + seconds - came)
        self._schedule(now + seconds, environment, call)

    def _fetch_secret(self, now: float, environment: Environment) -> float:
        """What it takes. As app/runtime/secrets.py, without the second attempt of boto3, which asks even more."""
        first = environment.secret_due == 0.0
        self.outcome.ssm[int(now)] += 1
        if self._ssm.take(now):
            environment.has_secret = True
            environment.secret_due = now + MAX_AGE_SECONDS
        else:
            environment.secret_due = now + RETRY_SECONDS
        return self._times.secret if first else self._times.secret_again

    def _schedule(self, at: float, environment: Environment, call: Call) -> None:
        self._order += 1
        heappush(self._events, (at, self._order, environment, call))
