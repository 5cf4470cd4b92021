"""What this server has to reach, as ratios to its peers and to the floor in the same run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench import cold, warm
from bench.subject import ERAS, LEGACY, MODERN, Figure


@dataclass(frozen=True, slots=True)
class Target:
    table: str
    what: str
    against: str
    """A subject's key, or the table where the same row is compared with itself."""
    most: float


@dataclass(frozen=True, slots=True)
class Outcome:
    target: Target
    ratio: float

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.target.most


def _calls() -> Iterator[Target]:
    for era in (MODERN, LEGACY):
        what = f"tools/call, {era}, new token"
        yield Target(warm.P50, what, "floor", 1.5)
        yield Target(warm.P50, what, "fastmcp", 0.45)
        yield Target(warm.P50, what, "sdk", 0.85 if era == MODERN else 0.5)
        yield Target(warm.P50, f"tools/call, {era}, repeated token", "floor", 1.15)


TARGETS = (
    *_calls(),
    *(Target(warm.P50, f"401, {token} token", "floor", 0.7) for token in ("no", "expired", "forged")),
    *(
        Target(warm.P99, f"tools/call, {era}, {kind}", warm.P50, 3)
        for era in reversed(ERAS)
        for kind in warm.KINDS
    ),
    Target(cold.TABLE, "CPU to the first answer, with byte code", "fastmcp", 0.5),
    Target(cold.TABLE, "CPU to the first answer, with byte code", "sdk", 0.85),
    Target(cold.TABLE, "peak memory, with byte code", "fastmcp", 0.75),
)


def outcomes(figures: Sequence[Figure]) -> list[Outcome]:
    """Of the targets whose figures were measured."""
    found = {(figure.table, figure.what, figure.subject): figure.median for figure in figures}
    reached = []
    for target in TARGETS:
        ours = found.get((target.table, target.what, "ours"))
        other = found.get((target.table, target.what, target.against)) or found.get(
            (target.against, target.what, "ours")
        )
        if ours is not None and other:
            reached.append(Outcome(target, ours / other))
    return reached
