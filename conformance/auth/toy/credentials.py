"""Where the toy takes a token from, and where it must not."""

from conformance.auth.toy.flaws import Flaws
from conformance.auth.toy.message import Call
from conformance.auth.toy.tokens import Refused


class Credentials:
    def __init__(self, flaws: Flaws) -> None:
        self._flaws = flaws

    def are_not_needed(self, call: Call) -> bool:
        if "no-token-session" in self._flaws and call.value("mcp-session-id"):
            return True
        return "no-token-methods" in self._flaws and b'"initialize"' in call.content

    def token(self, call: Call) -> str:
        """The token; an empty string if there is none."""
        values = call.values("authorization")
        if len(values) > 1 and "sent-twice" not in self._flaws:
            raise Refused(400, "invalid_request")
        elsewhere = self._elsewhere(call)
        return elsewhere if elsewhere or not values else self._in_field(values[0])

    def _in_field(self, value: str) -> str:
        if "sent-beyond-ascii" in self._flaws:
            value.encode("ascii")
        if "sent-huge" in self._flaws and len(value) > 8192:
            raise ValueError
        scheme, _, token = value.partition(" ")
        known = scheme == "Bearer" if "scheme-case" in self._flaws else scheme.lower() == "bearer"
        return token if known or "sent-by-other-scheme" in self._flaws else ""

    def _elsewhere(self, call: Call) -> str:
        if "sent-in-query" in self._flaws:
            return call.query.get("access_token", [""])[0]
        if "sent-in-form" in self._flaws and call.content.startswith(b"access_token="):
            return call.content.decode().removeprefix("access_token=")
        if "sent-in-cookie" in self._flaws:
            return call.value("cookie").partition(";")[0].removeprefix("access_token=")
        return ""
