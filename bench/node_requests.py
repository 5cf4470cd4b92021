"""What the servers are asked over HTTP, and the proof that an answer is right before its time counts."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.served import Answer, Connection, Running
from tests.rig import message

TEXT = "How are you?"


@dataclass(frozen=True, slots=True)
class Request:
    headers: dict[str, str]
    body: bytes
    is_right: Callable[[Answer], bool]

    def over(self, connection: Connection) -> float:
        """Seconds until the whole answer was here; a wrong one ends the benchmark."""
        answer = self.sent(connection)
        self.prove(answer)
        return answer.seconds

    def sent(self, connection: Connection) -> Answer:
        return connection.post("/mcp", self.headers, self.body)

    def first(self, server: Running) -> Answer:
        """The answer of a server that may not listen yet."""
        return server.first("/mcp", self.headers, self.body)

    def prove(self, answer: Answer) -> None:
        assert self.is_right(answer), answer


def call(era: str, token: str) -> Request:
    return request("tools/call", {"name": "echo", "arguments": {"text": TEXT}}, era, token, _says_it_again)


def listing(era: str, token: str) -> Request:
    return request("tools/list", {}, era, token, _lists_it)


def without_token(era: str) -> Request:
    return request("tools/list", {}, era, None, lambda answer: answer.status == 401)


def request(
    method: str, params: dict[str, Any], era: str, token: str | None, is_right: Callable[[Answer], bool]
) -> Request:
    headers, body = message(method, params, era)
    bearer = {"authorization": f"Bearer {token}"} if token else {}
    return Request({**headers, **bearer, "content-type": "application/json"}, json.dumps(body).encode(), is_right)


def _says_it_again(answer: Answer) -> bool:
    if answer.status != 200:
        return False
    result = answer.message["result"]
    return result["content"] == [{"type": "text", "text": TEXT}] and not result.get("isError")


def _lists_it(answer: Answer) -> bool:
    return answer.status == 200 and "echo" in [tool["name"] for tool in answer.message["result"]["tools"]]
