"""Warm calls: one process for each subject, rounds in which all take their turns, new and repeated tokens."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from statistics import fmean, median

from bench.rounds import Samples
from bench.running import Running
from bench.subject import ERAS, LEGACY, Figure, Subject
from bench.tokens import KIB, Tokens
from bench.work import Work
from tests.loopback_issuer import LoopbackIssuer

P50, P99 = "Warm calls, p50", "Warm calls, p99"
CPU, CPU_P99 = "Warm calls, CPU p50", "Warm calls, CPU p99"
FIRST = "Warm calls, CPU of the first of a turn"
RATE, SIZES, COUNTS = "Calls per second", "Token size, p50", "Number of tools, p50"
AFTER = "After all warm calls"
SETTLING = 5
"""Calls at the start of each turn that are not counted: the core's caches still hold what another server did."""
KINDS = {"new token": False, "repeated token": True}
TOKEN_SIZES = (1, 2, 4, 7)
TOOL_COUNTS = (1, 10, 100, 1000)


def figures(subjects: Sequence[Subject], issuer: LoopbackIssuer, *, quick: bool) -> list[Figure]:
    rounds, count = (3, 60) if quick else (15, 200)
    with ExitStack() as stack:
        bench = Bench(stack, subjects, issuer)
        bench.run([*calls(), *refusals()], (P50, P99, CPU, CPU_P99, FIRST), rounds, count)
        bench.run([*_sizes()], (SIZES,), rounds, count // 2)
        bench.look()
    return bench.figures()


def counts(
    build: Callable[[str, int], Subject], keys: Sequence[str], issuer: LoopbackIssuer, *, quick: bool
) -> list[Figure]:
    """tools/list and tools/call beside other tools; each number of tools is a package of its own."""
    found = []
    for tools in (1, 100) if quick else TOOL_COUNTS:
        rounds, count = (2, 10) if quick else (7, max(10, 100 // tools))
        subjects = [build(key, tools) for key in keys if key != "floor"]
        with ExitStack() as stack:
            bench = Bench(stack, subjects, issuer)
            bench.run([*tool_counts(tools)], (COUNTS,), rounds, count)
            found += bench.figures()
    return found


def calls() -> Iterator[Work]:
    for method in ("tools/call", "tools/list"):
        for era in reversed(ERAS):
            for kind, repeated in KINDS.items():
                yield Work(f"{method}, {era}, {kind}", era, method, repeated=repeated)


def refusals() -> Iterator[Work]:
    refused = partial(Work, era=LEGACY, method="tools/call", status=401)
    yield refused("401, no token", sign=None)
    yield refused("401, expired token", sign=lambda tokens, count: tokens.expired(count))
    yield refused("401, forged token", sign=lambda tokens, count: tokens.forged(count))


def _sizes() -> Iterator[Work]:
    for size in TOKEN_SIZES:
        for kind, repeated in KINDS.items():
            yield Work(
                f"tools/call, {LEGACY}, {size} KiB, {kind}",
                LEGACY,
                "tools/call",
                repeated=repeated,
                sign=partial(_sized, size * KIB),
            )


def _sized(size: int, tokens: Tokens, count: int) -> list[str]:
    return tokens.new(count, size=size)


def tool_counts(tools: int) -> Iterator[Work]:
    for method in ("tools/list", "tools/call"):
        for era in reversed(ERAS):
            for kind, repeated in KINDS.items():
                yield Work(
                    f"{method}, {era}, {tools} tool{'s' * (tools > 1)}, {kind}",
                    era,
                    method,
                    repeated=repeated,
                    tools=tools,
                )


class Bench:
    """Processes that take their turns."""

    def __init__(self, stack: ExitStack, subjects: Sequence[Subject], issuer: LoopbackIssuer) -> None:
        self._issuer = issuer
        self._processes = [stack.enter_context(Running(subject, issuer.issuer.url)) for subject in subjects]
        self._tokens = Tokens(issuer.issuer)
        self._tables: dict[str, Samples] = {}
        self._fetches = dict.fromkeys(self._processes, 0)

    def run(self, works: Sequence[Work], tables: Sequence[str], rounds: int, count: int) -> None:
        count += SETTLING
        repeated = {work.what: work.events(self._tokens, 1) * count for work in works if work.repeated}
        for work in works:
            self._turn(work, repeated.get(work.what) or work.events(self._tokens, count), 0, ())
        for number in range(rounds):
            for work in works:
                events = repeated.get(work.what) or work.events(self._tokens, count)
                self._turn(work, events, number, tables)

    def _turn(self, work: Work, events: list[str], number: int, tables: Sequence[str]) -> None:
        """Each round begins with another, so nobody always follows the same one."""
        first = number % len(self._processes)
        for process in (*self._processes[first:], *self._processes[:first]):
            if not work.suits(process.subject):
                continue
            before = self._issuer.jwks_fetches
            timed = process.call(events)
            self._fetches[process] += self._issuer.jwks_fetches - before
            work.check(process.subject, timed.answers)
            wall, cpu = timed.wall[SETTLING:], timed.cpu[SETTLING:]
            values = {P99: _p99(wall), CPU: median(cpu), CPU_P99: _p99(cpu), FIRST: timed.cpu[0]}
            for table in tables:
                self._add(table, work.what, process, "ms", values.get(table, median(wall)) * 1e3)
            if P50 in tables and work.status == 200:
                self._add(RATE, work.what, process, "/s", 1 / fmean(wall))

    def look(self) -> None:
        for process in self._processes:
            self._add(AFTER, "peak memory", process, "MB", process.look()["peak"] / 1e6)
            self._add(AFTER, "JWKS fetches", process, "", self._fetches[process])

    def figures(self) -> list[Figure]:
        return [figure for samples in self._tables.values() for figure in samples.figures()]

    def _add(self, table: str, what: str, process: Running, unit: str, value: float) -> None:
        self._tables.setdefault(table, Samples(table)).add(what, process.subject, unit, value)


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]
