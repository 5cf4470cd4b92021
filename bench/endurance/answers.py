"""Questions that were asked, and what their answers bring: a sealed state of one caller, one call, ten minutes."""

from dataclasses import dataclass, replace
from typing import Any

from bench.endurance.expected import Expected
from bench.endurance.tokens import Caller
from tests.issuer import Issuer

PATIENCE = 600.0
"""Seconds that a question waits for its answer."""
WAYS = ("as asked", "as asked", "by another caller", "for another call", "changed")


@dataclass(frozen=True, slots=True)
class Question:
    caller: Caller
    state: str
    key: str
    asked_at: float

    def params(self, way: str) -> dict[str, Any]:
        arguments = {"target": "another"} if way == "for another call" else {}
        state = self.state[:-6] + "AAAAAA" if way == "changed" else self.state
        said = {self.key: {"action": "accept", "content": {"really": True}}}
        return {"name": "asks", "arguments": arguments, "requestState": state, "inputResponses": said}

    def expected(self, way: str, now: float) -> Expected:
        """Of a caller whose token is accepted."""
        if way == "changed":
            return _refused("state_unreadable")
        if way == "by another caller":
            return _refused("state_caller")
        if way == "for another call":
            return _refused("state_call")
        return _refused("state_expired") if now - self.asked_at >= PATIENCE else Expected(200)

    def answering(self, way: str, issuer: Issuer) -> Caller:
        """Who asked, with a new token; or somebody who is not."""
        now = int(issuer.clock.now)
        claims = {**self.caller.claims, "iat": now, "exp": now + 300}
        if way == "by another caller":
            claims["org_id"] = "org_other"
        token = issuer.sign(claims)
        key_id = next(iter(issuer.keys))
        return replace(self.caller, values=(f"Bearer {token}",), key_id=key_id, claims=claims)


def _refused(reason: str) -> Expected:
    return Expected(400, -32602, reason)
