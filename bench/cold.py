"""Cold start: from the spawn of a process to its first authenticated tools/call, the keys' fetch included."""

import json
import time
from collections.abc import Iterator, Sequence

from bench.deployed_keys import every_way
from bench.rounds import Samples, in_turn
from bench.running import NoFigure, Running
from bench.subject import Figure, Subject
from tests.loopback_issuer import LoopbackIssuer

TABLE = "Cold start"


def figures(
    subjects: Sequence[Subject], bare: Sequence[Subject], issuer: LoopbackIssuer, *, quick: bool
) -> list[Figure]:
    """`bare` are the same without byte code: what a plain build ships, compiled anew at each start."""
    samples = Samples(TABLE)
    with every_way(subjects, issuer.issuer) as compiled:
        for form, packages, rounds in (
            ("with byte code", compiled, 2 if quick else 15),
            ("without byte code", bare, 1 if quick else 7),
        ):
            for subject in in_turn(packages, rounds):
                for what, unit, value in measure(subject, issuer):
                    samples.add(f"{what}, {form}", subject, unit, value)
    return samples.figures()


def measure(subject: Subject, issuer: LoopbackIssuer) -> Iterator[tuple[str, str, float]]:
    """One fresh environment, in the newest era that it speaks."""
    event = json.dumps(issuer.call("echo", version=subject.eras[-1], text="hello"))
    fetches, began = issuer.jwks_fetches, time.perf_counter()
    with Running(subject, issuer.issuer.url) as environment:
        (answer,) = environment.call([event]).answers
        wall, used = time.perf_counter() - began, environment.look()
        fetches = issuer.jwks_fetches - fetches
        second = environment.call([event])
    if answer.status != 200 or "hello" not in answer.body:  # a refusal is quick, too
        raise NoFigure(f"{subject.key} answered {answer.status} {answer.body}")
    yield "CPU to the first answer", "ms", used["cpu"] * 1000
    yield "wall to the first answer", "ms", wall * 1000
    yield "peak memory", "MB", used["peak"] / 1e6
    yield "modules", "", used["modules"]
    yield "JWKS fetches", "", fetches
    # What the first call left to go on behind it is paid here.
    yield "CPU of the second call", "ms", second.cpu[0] * 1000
