"""Rounds in which all subjects take their turns, and what they measured."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.subject import Figure, Subject


def in_turn(subjects: Sequence[Subject], rounds: int) -> Iterator[Subject]:
    """Whatever the machine does meanwhile, it does to all; each round begins with another one of them."""
    for number in range(rounds):
        first = number % len(subjects)
        yield from (*subjects[first:], *subjects[:first])


@dataclass
class Samples:
    """The values of one table, by row and subject."""

    table: str
    _values: dict[tuple[str, str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, what: str, subject: Subject, unit: str, *values: float) -> None:
        self._values[what, subject.key, unit] += values

    def figures(self) -> list[Figure]:
        return [Figure.of(self.table, *row, values) for row, values in self._values.items()]
