"""A client that drives the round trips of a call itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.issuer import Issuer
from tests.rig import Answer

Capabilities = Mapping[str, Any]
BOTH: Capabilities = {"elicitation": {"form": {}, "url": {}}}


def accept(**content: Any) -> dict[str, Any]:
    return {"action": "accept", "content": content}


DECLINE, CANCEL, VISITED = {"action": "decline"}, {"action": "cancel"}, {"action": "accept"}


class Server(Protocol):
    """An environment of the function: a Rig, or one in a process of its own."""

    issuer: Issuer

    def exchange(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        version: str = ...,
        token: str | None = None,
        capabilities: Mapping[str, Any] | None = None,
    ) -> Answer: ...


@dataclass
class Conversation:
    """One call, from its first round trip to its last."""

    rig: Server
    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    who: Mapping[str, Any] = field(default_factory=dict)
    """Claims of the caller's token that differ."""
    capabilities: Capabilities = field(default_factory=lambda: BOTH)
    version: str = "2026-07-28"
    method: str = "tools/call"
    state: str | None = None
    keys: list[str] = field(default_factory=list)
    answer: Answer = field(init=False)

    def send(self, *responses: Mapping[str, Any], **changes: Any) -> Any:
        """The result of one round trip, with the responses to what was asked before, in its order."""
        params: dict[str, Any] = {"name": self.tool, "arguments": dict(self.arguments)}
        if self.method == "resources/read":
            params = {"uri": self.tool}
        if self.state is not None:
            given = dict(zip(self.keys, responses, strict=False))
            params |= {"requestState": self.state, "inputResponses": given}
        params |= changes
        token = self.rig.issuer.token(**self.who)
        self.answer = self.rig.exchange(
            self.method, params, token=token, version=self.version, capabilities=self.capabilities
        )
        result = self.answer.json.get("result", {})
        self.state = result.get("requestState", self.state)
        self.keys = list(result.get("inputRequests", self.keys))
        return result

    def asked(self, *responses: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What is asked in the answer to this round trip."""
        result = self.send(*responses)
        assert result.get("resultType") == "input_required", self.answer
        return [request["params"] for request in result["inputRequests"].values()]

    def says(self, *responses: Mapping[str, Any], **changes: Any) -> str:
        """The text in which the call ends."""
        text: str = self.send(*responses, **changes)["content"][0]["text"]
        return text

    def error(self, *responses: Mapping[str, Any], **changes: Any) -> tuple[int, int, str]:
        """Status, code and message of the JSON-RPC error."""
        self.send(*responses, **changes)
        error = self.answer.json["error"]
        return self.answer.status, error["code"], error["message"]
