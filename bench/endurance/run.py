"""Exchange after exchange: draw one, predict its answer, send it, and compare."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import StringIO
from types import SimpleNamespace
from typing import Any

from bench.endurance.answers import Question
from bench.endurance.doors import DOORS, FRONT_DOORS, PAGE
from bench.endurance.draw import Asked, Draw, one_of
from bench.endurance.expected import ASKED, OK, Expected, observed
from bench.endurance.incidents import history
from bench.endurance.predict import Shown, predict, shown
from bench.endurance.requests import ROWS, Row
from bench.endurance.tokens import KINDS, make
from bench.endurance.world import Environment, World
from tests.events import http_api
from tests.rig import Answer, message

_SOMEBODY = re.compile(r"user_[0-9A-Z]+")
_USUAL = 29_000
"""Milliseconds that Lambda says are left, where the table says nothing."""


@dataclass
class Run:
    """One run; `wrong` are the answers that the table does not predict."""

    world: World
    log: StringIO
    done: int = 0
    wrong: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    incidents: Counter[str] = field(default_factory=Counter)
    accepted: int = 0

    def __post_init__(self) -> None:
        self._history = history(self.world)
        self._draw = Draw(self.world)
        self.began_at = self.world.now

    @property
    def days(self) -> float:
        """That passed in the simulated world."""
        return (self.world.now - self.began_at) / 86_400

    def exchanges(self, count: int) -> None:
        draw = self._draw
        for _ in range(count):
            self.incidents[next(self._history)] += 1
            self.world.pass_time()
            kinds = (self._knock, lambda: self.ask(draw.request()), lambda: self.ask(draw.body()))
            (one,) = self.world.rng.choices((*kinds, lambda: self.ask(draw.answer())), (8, 80, 9, 3))
            one()
            self.done += 1

    def fill(self, callers: int) -> None:
        """Everything that is remembered up to a bound, so that reaching it is not taken for a leak."""
        (row,) = (row for row in ROWS if row.needs == "permission")
        headers, body = message(row.method, {"name": "by_permission", "arguments": {}})
        for environment in self.world.environments:
            for _ in range(callers):
                self.world.pass_time()
                caller = make(KINDS[0], self.world.issuer, self.world.rng)
                self.ask(Asked(row, caller, headers, body, modern=True), environment)

    def _knock(self) -> None:
        door = one_of(self.world.rng, DOORS)
        environment = one_of(self.world.rng, self.world.environments)
        self._send(environment, self.world.rng.choice(door.events), door.name, door.expected)
        self.kinds[door.name] += 1

    def ask(self, asked: Asked, of: Environment | None = None) -> None:
        """Send it, to one of the environments, and compare."""
        environment = of or one_of(self.world.rng, self.world.environments)
        from_page = self.world.rng.random() < 0.03
        predicted, is_accepted = predict(self.world, environment, asked, from_page=from_page)
        listed = shown(self.world, environment, asked, predicted) if is_accepted else None
        left = asked.row.milliseconds if isinstance(asked.row, Row) else None
        answer = self._send(environment, self._event(asked, from_page), asked.label, predicted, left)
        self.kinds[asked.row.name] += is_accepted
        self.accepted += is_accepted
        if answer is not None and is_accepted:
            self._look(answer, asked, predicted, listed)

    def _event(self, asked: Asked, from_page: bool) -> dict[str, Any]:
        rng, row = self.world.rng, asked.row
        sent = {
            **asked.headers,
            "authorization": asked.caller.values[0],
            **({"origin": PAGE} if from_page else {}),
        }
        door = http_api if isinstance(asked.body, bytes) else rng.choice(FRONT_DOORS)
        method = "POST" if isinstance(row, Row) else rng.choice(row.methods)
        return door(method, rng.choice(("/mcp", "/mcp", "/mcp/")), sent, asked.body)

    def _look(self, answer: Answer, asked: Asked, predicted: Expected, listed: Shown | None) -> None:
        """Further than at status and words: whose answer it is, what it lists, what it asks."""
        people = set(_SOMEBODY.findall(answer.text))
        if people - {asked.caller.user}:
            self._tell(asked.label, f"names {people}, the caller is {asked.caller.user}")
        if not isinstance(asked.row, Row):
            return
        if asked.row.names_caller and predicted.says == OK and asked.caller.user not in answer.text:
            self._tell(asked.label, "does not name its caller")
        result = answer.messages[-1].get("result", {}) if answer.text else {}
        if listed is not None and (wrong := listed.compared(result, modern=asked.modern)):
            self._tell(asked.label, wrong)
        if predicted.says == ASKED and asked.caller.kind.strict is None:
            (key,) = result["inputRequests"]
            self._draw.remember(Question(asked.caller, result["requestState"], key, self.world.now))

    def _send(
        self,
        environment: Environment,
        event: Any,
        label: str,
        predicted: Expected,
        milliseconds: int | None = None,
    ) -> Answer | None:
        """The answer, if it is the one that was predicted."""
        left = _USUAL if milliseconds is None else 1000 + milliseconds
        environment.rig.context = SimpleNamespace(
            aws_request_id=f"request-{self.done}", get_remaining_time_in_millis=lambda: left
        )
        self.log.seek(0)
        self.log.truncate()
        try:
            answer = environment.rig.send(event)
        except Exception as error:  # noqa: BLE001 - what a handler never does is a result of the run
            self._tell(label, f"raised {error!r}")
            return None
        got = observed(answer, self._lines(), self.world.tolerated)
        if predicted.reason is not None:
            self.reasons[predicted.reason] += 1
        if got == predicted:
            return answer
        self._tell(label, f"{environment.name}: expected {predicted}; got {got}")
        return None

    def _lines(self) -> Sequence[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def _tell(self, label: str, what: str) -> None:
        self.wrong.append(f"exchange {self.done}, {label}: {what}")
