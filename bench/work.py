"""What a server is asked to do, and how its answer is known to be right: a wrong answer is no figure."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.layout import SHIPPED
from bench.running import Answered, NoFigure
from bench.subject import Subject
from bench.tokens import Tokens
from tests.events import http_api
from tests.rig import message

TEXT = "Say it back"
NO_MCP = frozenset({"floor"})
Sign = Callable[[Tokens, int], list[str]]
_PLACE = "TOKEN-STANDS-HERE"


@dataclass(frozen=True, slots=True)
class Work:
    what: str
    era: str
    method: str
    status: int = 200
    repeated: bool = False
    """Whether all calls of a process are made with one token, that it has seen before."""
    sign: Sign | None = field(default=lambda tokens, count: tokens.new(count))
    """None: there is no token."""
    tools: int = 1

    def suits(self, subject: Subject) -> bool:
        return self.era in subject.eras and (self.method == "tools/call" or subject.key not in NO_MCP)

    def events(self, tokens: Tokens, count: int) -> list[str]:
        """As JSON texts."""
        params: dict[str, Any] = {}
        if self.method == "tools/call":
            params = {"name": "echo", "arguments": {"text": TEXT}}
        headers, body = message(self.method, params, self.era)
        if self.sign is None:
            return [json.dumps(http_api(headers=headers, body=body))] * count
        template = json.dumps(http_api(headers={**headers, "authorization": f"Bearer {_PLACE}"}, body=body))
        return [template.replace(_PLACE, token) for token in self.sign(tokens, count)]

    def check(self, subject: Subject, answers: list[Answered]) -> None:
        """
        Raises:
            NoFigure: one of the answers is not what was asked for.
        """
        for answer in answers:
            if not self._is_right(subject, answer):
                raise NoFigure(f"{subject.key}, {self.what}: {answer.status} {answer.body[:500]}")

    def _is_right(self, subject: Subject, answer: Answered) -> bool:
        if answer.status != self.status:
            return False
        if self.status != 200:
            return True
        result = json.loads(answer.body).get("result", {})
        if self.method == "tools/list":
            names = {tool["name"] for tool in result["tools"]}
            least = SHIPPED if subject.key == "ours" else 1
            return "echo" in names and len(names) == max(self.tools, least)
        return bool(result["content"][0]["text"] == TEXT and not result.get("isError"))
