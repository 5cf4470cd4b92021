"""SSM's JSON protocol on loopback, as far as SecureStrings go: it seals nothing and remembers everything."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.infra.operator.site import Canned, Received, Site


@dataclass
class Ssm:
    values: dict[str, str] = field(default_factory=dict)
    written: list[dict[str, Any]] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    """An error code by operation."""

    def answer(self, request: Received) -> Canned:
        operation = request.headers["x-amz-target"].removeprefix("AmazonSSM.")
        asked = json.loads(request.body)
        if code := self.refuses.get(operation):
            # As AWS does it: the text names the caller, and could repeat the request.
            return _error(code, f"User: arn:aws:iam::1:user/x may not {request.body.decode()}")
        operations: dict[str, Callable[[Any], Canned]] = {"GetParameters": self._get, "PutParameter": self._put}
        return operations[operation](asked)

    def _get(self, asked: dict[str, Any]) -> Canned:
        shown = (lambda value: value) if asked["WithDecryption"] else (lambda _: "sealed")
        found = [
            {"Name": name, "Type": "SecureString", "Value": shown(self.values[name])}
            for name in asked["Names"]
            if name in self.values
        ]
        return _ok({"Parameters": found, "InvalidParameters": [n for n in asked["Names"] if n not in self.values]})

    def _put(self, asked: dict[str, Any]) -> Canned:
        if asked["Name"] in self.values and not asked["Overwrite"]:
            return _error("ParameterAlreadyExists", "The parameter already exists.")
        self.written.append(asked)
        self.values[asked["Name"]] = asked["Value"]
        return _ok({"Version": len(self.written), "Tier": "Standard"})


class SsmSite(Site):
    def __init__(self) -> None:
        super().__init__()
        self.ssm = Ssm()

    def answer(self, request: Received) -> Canned:
        self.received.append(request)
        return self.ssm.answer(request)


def _ok(body: Any) -> Canned:
    return Canned(200, body, {"content-type": "application/x-amz-json-1.1"})


def _error(code: str, message: str) -> Canned:
    return Canned(400, {"__type": code, "message": message}, {"content-type": "application/x-amz-json-1.1"})
