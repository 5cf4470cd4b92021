"""SnapStart: the first call of a restored environment, whose INIT was before the snapshot."""

from collections.abc import Sequence

from bench.in_lambda import artefact_of, settings_of
from bench.rounds import Samples, in_turn
from bench.running import NoFigure
from bench.subject import Figure, Subject
from tests.loopback_issuer import LoopbackIssuer
from tests.runtime.runtime_api import SnapStart

TABLE = "SnapStart"


def figures(subjects: Sequence[Subject], issuer: LoopbackIssuer, *, quick: bool) -> list[Figure]:
    samples = Samples(TABLE)
    for subject in in_turn(subjects, 1 if quick else 9):
        first, second, fetches = measure(subject, issuer)
        samples.add("first call after the restore", subject, "ms", first)
        samples.add("second call", subject, "ms", second)
        samples.add("JWKS fetches after the restore", subject, "", fetches)
    return samples.figures()


def measure(subject: Subject, issuer: LoopbackIssuer) -> tuple[float, float, int]:
    """Milliseconds of two calls, as the Runtime API sees them, and the fetches that they needed."""
    artefact = artefact_of(subject)
    settings = settings_of(subject, issuer.issuer.url, artefact)
    with SnapStart(artefact, settings, handler=f"{subject.module}.handler") as function:
        if function.wait_until_ready().endswith("/restore/next"):
            function.restore()
        before = issuer.jwks_fetches
        first, second = (_call(function, subject, issuer) for _ in range(2))
        return first, second, issuer.jwks_fetches - before


def _call(function: SnapStart, subject: Subject, issuer: LoopbackIssuer) -> float:
    answer, milliseconds = function.send(issuer.call("echo", version=subject.eras[-1], text="hello"))
    if answer.status != 200:
        raise NoFigure(f"{subject.key} answered {answer.status} {answer.text}")
    return milliseconds
