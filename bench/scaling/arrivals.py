"""When calls come: at random, ten times as many from one second to the next, or a thousand clients at once."""

from collections.abc import Iterator
from heapq import merge
from random import Random

SECONDS = 60.0
JUMP_AT = 10.0
CLIENTS = 1000
REQUESTS = 3
"""What a client sends when it connects, each after the answer before: initialize, its notification, tools/list."""

Arrival = tuple[float, int]
"""When, and how many more its client sends, one after the other."""


def steady(rate: float, random: Random, *, begin: float = 0.0, end: float = SECONDS) -> Iterator[Arrival]:
    """A Poisson process."""
    now = begin + random.expovariate(rate)
    while now < end:
        yield now, 0
        now += random.expovariate(rate)


def step(rate: float, random: Random) -> Iterator[Arrival]:
    """A tenth of the rate, then two tenths."""
    yield from steady(rate / 10, random, end=JUMP_AT)
    yield from steady(rate / 5, random, begin=JUMP_AT)


def tenfold(rate: float, random: Random) -> Iterator[Arrival]:
    """A tenth of the rate, then all of it at once."""
    yield from steady(rate / 10, random, end=JUMP_AT)
    yield from steady(rate, random, begin=JUMP_AT)


def reconnect(rate: float, random: Random) -> Iterator[Arrival]:
    """The rate, and clients that all come back within one second, as after an outage."""
    back = sorted((JUMP_AT + random.random(), REQUESTS - 1) for _ in range(CLIENTS))
    return merge(back, steady(rate, random))
