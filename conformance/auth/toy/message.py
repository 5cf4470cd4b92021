"""One request as the toy reads it, and its answer."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from conformance.auth.jose import decoded


@dataclass
class Reply:
    status: int
    body: object = None
    fields: dict[str, str] = field(default_factory=dict)

    async def write(self, send: Any) -> None:
        body = b"" if self.body is None else json.dumps(self.body).encode()
        fields = {"content-type": "application/json", **self.fields}
        raw = [(name.encode(), value.encode()) for name, value in fields.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": body})


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    query: dict[str, list[str]]
    raw: list[tuple[str, bytes]]
    content: bytes

    @classmethod
    async def read(cls, scope: Any, receive: Any) -> "Call":
        content, more = b"", True
        while more:
            received = await receive()
            content, more = content + received.get("body", b""), received.get("more_body", False)
        fields = [(name.decode().lower(), value) for name, value in scope["headers"]]
        return cls(scope["method"], scope["path"], parse_qs(scope["query_string"].decode()), fields, content)

    def values(self, name: str) -> list[str]:
        return [value.decode("latin-1") for found, value in self.raw if found == name]

    def value(self, name: str) -> str:
        return next(iter(self.values(name)), "")

    @property
    def message(self) -> dict[str, Any]:
        return dict(json.loads(self.content))


def result(content: object) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": 1, "result": content}


def claims_unverified(token: str) -> str:
    """What stands in a token, whoever signed it."""
    parts = token.split(".")
    return decoded(parts[1]).decode(errors="replace") if len(parts) == 3 else ""
