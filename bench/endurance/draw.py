"""What comes next: a caller, old or new, and an event of theirs."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol, TypeVar

from bench.endurance.answers import WAYS, Question
from bench.endurance.bodies import BODIES, Body
from bench.endurance.expected import Expected
from bench.endurance.requests import ROWS, Row
from bench.endurance.tokens import KINDS, Caller, make
from bench.endurance.world import World
from tests.rig import ERAS, HANDSHAKE_VERSIONS, MODERN, message


class Weighted(Protocol):
    @property
    def weight(self) -> float: ...


T = TypeVar("T", bound=Weighted)
_VERSIONS = [MODERN] * 6 + [ERAS[0]] * 4 + HANDSHAKE_VERSIONS[:3]


def one_of(rng: Random, rows: Sequence[T]) -> T:
    (row,) = rng.choices(rows, [row.weight for row in rows])
    return row


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: who, what, and how it travels. `expected` is set where only the token matters besides."""

    row: Row | Body
    caller: Caller
    headers: dict[str, Any]
    body: Any
    modern: bool
    expected: Expected | None = None

    @property
    def label(self) -> str:
        return f"{self.row.name} ({'2026' if self.modern else '2025'} era) of {self.caller.kind.name}"


@dataclass
class Draw:
    world: World
    _callers: deque[Caller] = field(default_factory=lambda: deque(maxlen=200))
    _questions: deque[Question] = field(default_factory=lambda: deque(maxlen=50))

    def request(self) -> Asked:
        rng, version = self.world.rng, self._version()
        row = one_of(rng, ROWS)
        headers, body = message(row.method, row.params(rng) if callable(row.params) else row.params, version)
        body["params"].get("_meta", {}).pop(row.lacks, None)
        return Asked(row, self.caller(), {**headers, **(row.headers or {})}, body, version == MODERN)

    def body(self) -> Asked:
        rng, version = self.world.rng, self._version()
        row = one_of(rng, BODIES)
        expected = row.modern if version == MODERN else row.before
        headers = {"mcp-protocol-version": version, **(row.headers or {})}
        return Asked(row, self.caller(), headers, rng.choice(row.bodies), version == MODERN, expected)

    def answer(self) -> Asked:
        """To a question that was asked before; a new request if there is none."""
        if not self._questions:
            return self.request()
        rng = self.world.rng
        question, way = rng.choice(self._questions), rng.choice(WAYS)
        expected = question.expected(way, self.world.now)
        headers, body = message("tools/call", question.params(way))
        row = Row(f"an answer {way}", "tools/call", {}, expected, expected, names_caller=True)
        return Asked(
            row, question.answering(way, self.world.issuer), headers, body, modern=True, expected=expected
        )

    def remember(self, question: Question) -> None:
        self._questions.append(question)

    def caller(self) -> Caller:
        """Mostly somebody who called before, with the same token; now and then one that has expired since."""
        rng = self.world.rng
        if self._callers and rng.random() < 0.8:
            known = rng.choice(self._callers)
            if known.claims["exp"] > self.world.now or rng.random() < 0.1:
                return known
        new = make(one_of(rng, KINDS), self.world.issuer, rng)
        if new.kind.lasts:
            self._callers.append(new)
        return new

    def _version(self) -> str:
        return self.world.rng.choice(_VERSIONS)
