"""The bounds that this server has to keep: ratios to its peers in the same run, and one absolute time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench import cold, warm
from bench.subject import ERAS, Figure


@dataclass(frozen=True, slots=True)
class Target:
    """A bound for one row of a table."""

    table: str
    what: str
    peer: str
    """The key of the subject that this server is divided by; empty if the figure itself is bounded."""
    at_most: float
    """A ratio if there is a `peer`, otherwise a value in the row's own unit."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run measured for a target."""

    target: Target
    measured: float

    @property
    def is_met(self) -> bool:
        return self.measured <= self.target.at_most


def _calls() -> Iterator[Target]:
    for era in reversed(ERAS):
        what = f"tools/call, {era}, new token"
        yield Target(warm.P50, what, "sdk", 1.0)
        yield Target(warm.P50, what, "fastmcp", 0.5)
        # Lambda bills whole milliseconds (aws.amazon.com/lambda/pricing): below 1 ms, faster is not cheaper.
        yield Target(warm.P50, what, "", 1.0)


TARGETS = (
    *_calls(),
    Target(cold.TABLE, "CPU to the first answer, with byte code", "sdk", 1.1),
    *(
        Target(warm.COUNTS, f"tools/list, {era}, {max(warm.TOOL_COUNTS)} tools, new token", "sdk", 0.6)
        for era in reversed(ERAS)
    ),
)


def outcomes(figures: Sequence[Figure]) -> list[Outcome]:
    """Compare the figures with the targets. A target whose figures were not measured is left out."""
    medians = {(figure.table, figure.what, figure.subject): figure.median for figure in figures}
    found = []
    for target in TARGETS:
        ours = medians.get((target.table, target.what, "ours"))
        divisor = medians.get((target.table, target.what, target.peer)) if target.peer else 1.0
        if ours is not None and divisor:
            found.append(Outcome(target, ours / divisor))
    return found
