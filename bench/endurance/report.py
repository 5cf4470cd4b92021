"""The leak report, as Markdown for docs/performance.md, and whether the run was as it has to be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.endurance.memory import (
    MOST_BLOCKS,
    MOST_OBJECTS,
    MOST_RESIDENT,
    Sample,
    Traced,
    growth,
)
from bench.endurance.refusals import REFUSED
from bench.endurance.run import Run

MOST_SHOWN = 20
_BOUNDS = {
    "resident": ("resident memory, KiB", MOST_RESIDENT),
    "objects": ("objects of the collector", MOST_OBJECTS),
    "blocks": ("allocated blocks", MOST_BLOCKS),
}
_STEADY = {"tasks": "tasks of the event loop", "descriptors": "open files and sockets", "threads": "threads"}


@dataclass(frozen=True, slots=True)
class Report:
    run: Run
    samples: Sequence[Sample]
    """From the end of the warm-up on."""
    traced: Traced

    @property
    def problems(self) -> list[str]:
        """What fails the run; none if all is well."""
        found = [f"not predicted: {each}" for each in self.run.wrong[:MOST_SHOWN]]
        for of, (word, most) in _BOUNDS.items():
            if (slope := growth(self.samples, of)) > most:
                found.append(f"{word} grow by {slope:.1f} for 1,000 exchanges, {most:g} is the bound")
        for of, word in _STEADY.items():
            first, last = getattr(self.samples[0], of), getattr(self.samples[-1], of)
            if last > first + 5:
                found.append(f"{first} {word} have become {last}")
        predicted = sum(each.keys.fetches for each in self.run.world.environments)
        if self.run.world.issuer.key_fetches > predicted:
            found.append(f"{self.run.world.issuer.key_fetches} fetches of signing keys, {predicted} were due")
        return found

    def markdown(self) -> str:
        return "\n".join([self._summary(), "", *self._memory(), "", *self._allocations()])

    def _summary(self) -> str:
        run, world = self.run, self.run.world
        reasons = len(run.reasons.keys() & REFUSED.keys())
        return (
            f"{run.done:,} exchanges over {run.days:.0f} simulated days, {run.accepted:,} with an accepted token; "
            f"{len(run.kinds)} kinds of request, {reasons} of {len(REFUSED)} reasons of "
            f"[refusals](refusals.md), {len(run.incidents)} kinds of incident; {world.rotations:,} signing keys, "
            f"fetched {world.issuer.key_fetches:,} times. Answers that the table does not predict: "
            f"{len(run.wrong)}."
        )

    def _memory(self) -> Iterator[str]:
        first, last = self.samples[0], self.samples[-1]
        yield f"| the process has | after {first.exchanges:,} | after {last.exchanges:,} | for 1,000 exchanges |"
        yield "|---|---|---|---|"
        for of, (word, most) in _BOUNDS.items():
            ends = f"{getattr(first, of):,} | {getattr(last, of):,}"
            yield f"| {word} | {ends} | {growth(self.samples, of):+.2f} (bound {most:g}) |"
        for of, word in _STEADY.items():
            most_of_all = max(getattr(each, of) for each in self.samples)
            yield f"| {word} | {getattr(first, of)} | {getattr(last, of)} | at most {most_of_all} |"

    def _allocations(self) -> Iterator[str]:
        yield (
            f"Where, over the last {self.traced.exchanges:,} exchanges, memory was allocated that is still held, "
            "be it in the place of something older that a full cache put out:"
        )
        yield from ("", "| line | KiB | blocks |", "|---|---|---|")
        yield from (f"| {line} |" for line in self.traced.lines)
