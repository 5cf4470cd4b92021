"""Cold start under AWS's Runtime Interface Emulator: INIT, the first call after it, and warm ones."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.deployed_keys import every_way
from bench.in_lambda import artefact_of, settings_of
from bench.rounds import Samples, in_turn
from bench.running import NoFigure
from bench.subject import Figure, Subject
from tests.loopback_issuer import LoopbackIssuer
from tests.runtime.emulator import Emulator

TABLE = "Under the Runtime Interface Emulator"


def figures(subjects: Sequence[Subject], issuer: LoopbackIssuer, *, quick: bool) -> list[Figure]:
    rounds, calls = (1, 20) if quick else (9, 200)
    samples = Samples(TABLE)
    with TemporaryDirectory() as folder, every_way(subjects, issuer.issuer) as packages:
        for subject in in_turn(packages, rounds):
            for what, milliseconds in measure(subject, issuer, Path(folder) / "log", calls):
                samples.add(what, subject, "ms", milliseconds)
    return samples.figures()


def measure(subject: Subject, issuer: LoopbackIssuer, log: Path, calls: int) -> Iterator[tuple[str, float]]:
    """One environment; the emulator's own times, those that Lambda would report."""
    artefact = artefact_of(subject)
    settings = settings_of(subject, issuer.issuer.url, artefact)
    with Emulator(artefact, log, settings, handler=f"{subject.module}.handler") as function:
        for _ in range(calls + 1):
            answer = function.send(issuer.call("echo", version=subject.eras[-1], text="hello"))
            if answer.status != 200:
                raise NoFigure(f"{subject.key} answered {answer.status} {answer.text}")
        (init,), (first, *warm) = function.inits, function.durations
    yield "INIT", init
    yield "first call", first
    yield "INIT and first call", init + first
    yield "warm call, p50", median(warm)
