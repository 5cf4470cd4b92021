"""Rounds over HTTP: from spawn to the first answer, and warm calls; in each round the servers take turns."""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import uuid4

from bench.https_issuer import HttpsIssuer
from bench.node_requests import Request, call, listing, without_token
from bench.node_servers import Server
from bench.served import Running
from bench.subject import ERAS, MODERN, Figure

COLD, MEMORY = "Over HTTP: cold start", "Over HTTP: memory"
P50, P99, CPU = "Over HTTP: warm calls, p50", "Over HTTP: warm calls, p99", "Over HTTP: warm calls, CPU for each"
FETCHES = "Over HTTP: JWKS fetches in 100 calls"


@dataclass(frozen=True, slots=True)
class Effort:
    cold_rounds: int
    warm_rounds: int
    calls: int
    """Of each kind, in each round."""
    first: int
    """Of each kind, before the rounds: V8 compiles what runs often."""


QUICK, WHOLE = Effort(3, 3, 30, 50), Effort(12, 8, 200, 500)


@dataclass
class Values:
    """One value of each row, server and round."""

    found: dict[tuple[str, str, str, str], list[float]] = field(default_factory=dict)

    def add(self, table: str, what: str, server: Server, unit: str, value: float) -> None:
        self.found.setdefault((table, what, server.key, unit), []).append(value)

    def figures(self) -> list[Figure]:
        return [Figure.of(*row, values) for row, values in self.found.items()]


def cold(issuer: HttpsIssuer, compared: Sequence[Server], effort: Effort) -> list[Figure]:
    """From the spawn to the first answered tools/call, keys fetched on the way."""
    values = Values()
    for number in range(effort.cold_rounds):
        for server in _from(number, compared):
            request = call(MODERN, issuer.token(aud=server.audience))
            before = issuer.jwks_fetches
            with server.running() as started:
                answer = request.first(started)
                took, spent = time.perf_counter() - started.began, started.process.cpu_seconds
                request.prove(answer)
                values.add(COLD, "CPU to the first answer", server, "ms", spent * 1000)
                values.add(COLD, "wall to the first answer", server, "ms", took * 1000)
                values.add(COLD, "JWKS fetches", server, "", issuer.jwks_fetches - before)
                values.add(MEMORY, "peak, at the first answer", server, "MB", started.process.peak_megabytes)
    return values.figures()


T = TypeVar("T")
Make = Callable[[Server], list[Request]]
"""All requests of one kind and round, made before their time counts."""


def warm(issuer: HttpsIssuer, compared: Sequence[Server], effort: Effort) -> list[Figure]:
    """Calls one after another over one connection that stays open; all servers run the whole time."""
    values = Values()
    with ExitStack() as stack:
        running = [(server, stack.enter_context(server.running())) for server in compared]
        for _, process in running:
            without_token(MODERN).first(process)
        _round(Values(), running, kinds(issuer, effort.first), issuer)
        for number in range(effort.warm_rounds):
            _round(values, _from(number, running), kinds(issuer, effort.calls), issuer)
        for server, process in running:
            values.add(MEMORY, "peak, after all calls", server, "MB", process.process.peak_megabytes)
    return values.figures()


def _round(
    values: Values, running: Sequence[tuple[Server, Running]], asked: dict[str, Make], issuer: HttpsIssuer
) -> None:
    for what, make in asked.items():
        for server, process in running:
            requests = make(server)
            # Idle for five seconds while others had their turn, it may have been closed on the other side.
            process.connection.close()
            without_token(MODERN).over(process.connection)
            spent, fetches = process.process.cpu_seconds, issuer.jwks_fetches
            seconds = [request.over(process.connection) for request in requests]
            spent, fetches = process.process.cpu_seconds - spent, issuer.jwks_fetches - fetches
            p99 = statistics.quantiles(seconds, n=100, method="inclusive")[98]
            values.add(P50, what, server, "ms", statistics.median(seconds) * 1000)
            values.add(P99, what, server, "ms", p99 * 1000)
            values.add(CPU, what, server, "ms", spent * 1000 / len(seconds))
            if what.startswith("tools/call"):
                values.add(FETCHES, what, server, "", fetches * 100 / len(seconds))


def kinds(issuer: HttpsIssuer, times: int) -> dict[str, Make]:
    """What is asked, by name. Servers share the new tokens, which none of them has seen: signing is slow."""
    made: dict[tuple[str, str], list[str]] = {}

    def new(name: str, audience: str) -> list[str]:
        if (name, audience) not in made:
            made[name, audience] = [issuer.token(aud=audience, jti=str(uuid4())) for _ in range(times)]
        return made[name, audience]

    def calls_with_new(era: str) -> Make:
        return lambda server: [call(era, token) for token in new(era, server.audience)]

    def calls_with_one(era: str) -> Make:
        return lambda server: [call(era, issuer.token(aud=server.audience))] * times

    def lists(era: str) -> Make:
        return lambda server: [listing(era, issuer.token(aud=server.audience))] * times

    found: dict[str, Make] = {}
    for era in reversed(ERAS):
        found[f"tools/call, {era}, new token"] = calls_with_new(era)
        found[f"tools/call, {era}, repeated token"] = calls_with_one(era)
        found[f"tools/list, {era}"] = lists(era)
    found["401, no token"] = lambda server: [without_token(MODERN)] * times
    return found


def _from(number: int, each: Sequence[T]) -> list[T]:
    """All in turn, another one first in each round."""
    first = number % len(each)
    return [*each[first:], *each[:first]]
