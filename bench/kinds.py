"""The kinds of figures: each is a call that gives rows, or says why this machine cannot give them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench import cold, emulated, growth, keys_at_start, node_peers, packages, restored, sizes, warm
from bench.node_build import NotRun
from bench.recipes import RECIPES
from bench.subject import Figure, Subject
from tests.loopback_issuer import LoopbackIssuer
from tests.runtime.artefact import emulator


@dataclass(slots=True)
class Run:
    subjects: Sequence[Subject]
    issuer: LoopbackIssuer
    quick: bool
    titles: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    """How each subject is set up, by its title."""

    def __post_init__(self) -> None:
        for subject in self.subjects:
            self.titles[subject.key] = subject.title
            self.notes[subject.title] = RECIPES[subject.key].note

    @property
    def ours(self) -> Subject:
        return packages.build("ours")

    @property
    def bare(self) -> list[Subject]:
        return [packages.without_byte_code(subject) for subject in self.subjects]


def _warm(run: Run) -> list[Figure]:
    return warm.figures(run.subjects, run.issuer, quick=run.quick)


def _counts(run: Run) -> list[Figure]:
    keys = [subject.key for subject in run.subjects]
    return warm.counts(lambda key, tools: packages.build(key, tools=tools), keys, run.issuer, quick=run.quick)


def _cold(run: Run) -> list[Figure]:
    return cold.figures(run.subjects, run.bare, run.issuer, quick=run.quick)


def _sizes(run: Run) -> list[Figure]:
    return sizes.figures(run.subjects, run.bare)


def _emulated(run: Run) -> list[Figure]:
    try:
        emulator()
    except AssertionError as missing:
        raise NotRun(str(missing)) from None
    return emulated.figures(run.subjects, run.issuer, quick=run.quick)


def _restored(run: Run) -> list[Figure]:
    return restored.figures(run.subjects, run.issuer, quick=run.quick)


def _keys(run: Run) -> list[Figure]:
    return keys_at_start.figures(run.subjects, run.issuer, quick=run.quick)


def _node(run: Run) -> list[Figure]:
    found = node_peers.compare(run.ours, quick=run.quick)
    for server in found.servers:
        run.titles[server.key] = server.title
        run.notes[server.title] = server.note
    return list(found.figures)


def _growth(run: Run) -> list[Figure]:
    return growth.figures(run.quick)


KINDS: dict[str, Callable[[Run], list[Figure]]] = {
    "cold": _cold,
    "warm": _warm,
    "counts": _counts,
    "emulated": _emulated,
    "restored": _restored,
    "keys": _keys,
    "sizes": _sizes,
    "growth": _growth,
    "node": _node,
}
