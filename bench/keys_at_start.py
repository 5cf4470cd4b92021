"""Keys in fresh environments: how often they are fetched, and what a good token gets while they cannot be."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

from bench.deployed_keys import every_way
from bench.rounds import Samples
from bench.running import NoFigure, Running
from bench.subject import Figure, Subject
from bench.unreachable import UNREACHABLE
from tests.loopback_issuer import LoopbackIssuer

TABLE = "Signing keys of fresh environments"
ENVIRONMENTS = 20
LATER_CALLS = 99


def figures(
    subjects: Sequence[Subject], issuer: LoopbackIssuer, *, quick: bool, environments: int = ENVIRONMENTS
) -> list[Figure]:
    """Quick: one kind of outage alone; the table of cold starts has a count of fetches, too."""
    samples = Samples(TABLE)
    if not quick:
        _count(subjects, issuer, environments, samples)
    for how, unreachable in list(UNREACHABLE.items())[: 1 if quick else None]:
        _measure_outage(how, unreachable, subjects, samples)
    return samples.figures()


def _count(subjects: Sequence[Subject], issuer: LoopbackIssuer, environments: int, samples: Samples) -> None:
    with every_way(subjects, issuer.issuer) as packages:
        for subject in packages:
            counts = [count_fetches(subject, issuer) for _ in range(environments)]
            first, later = (sum(each) for each in zip(*counts, strict=True))
            samples.add(f"JWKS fetches of {environments} starts, first call of each", subject, "", first)
            samples.add(f"JWKS fetches of {environments} starts, {LATER_CALLS} calls more", subject, "", later)


def count_fetches(subject: Subject, issuer: LoopbackIssuer) -> tuple[int, int]:
    """Of one environment, for its first call and for those after it."""
    before = issuer.jwks_fetches
    with Running(subject, issuer.issuer.url) as environment:
        _serve(environment, issuer, 1)
        first = issuer.jwks_fetches
        _serve(environment, issuer, LATER_CALLS)
        return first - before, issuer.jwks_fetches - first


def _serve(environment: Running, issuer: LoopbackIssuer, calls: int) -> None:
    for answer in environment.call([_event(environment.subject, issuer)] * calls).answers:
        if answer.status != 200:
            raise NoFigure(f"{environment.subject.key} answered {answer.status} {answer.body}")


def _measure_outage(
    how: str,
    unreachable: Callable[[], AbstractContextManager[LoopbackIssuer]],
    subjects: Sequence[Subject],
    samples: Samples,
) -> None:
    # All at once: they wait, mostly.
    with unreachable() as issuer, every_way(subjects, issuer.issuer) as packages, ThreadPoolExecutor() as threads:
        outcomes = threads.map(lambda package: _outcome(package, issuer), packages)
        for subject, (status, seconds) in zip(packages, outcomes, strict=True):
            samples.add(f"a good token's status, the issuer {how}", subject, "", status)
            samples.add(f"answered after, the issuer {how}", subject, "s", seconds)


def _outcome(subject: Subject, issuer: LoopbackIssuer) -> tuple[int, float]:
    """Status and seconds of a fresh environment's first answer."""
    with Running(subject, issuer.issuer.url) as environment:
        timed = environment.call([_event(subject, issuer)])
    return timed.answers[0].status, timed.wall[0]


def _event(subject: Subject, issuer: LoopbackIssuer) -> str:
    return json.dumps(issuer.call("echo", version=subject.eras[-1], text="hello"))
