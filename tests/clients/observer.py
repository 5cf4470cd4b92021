"""Watch what a client sends to AuthKit and to the server, without changing any of it."""

import base64
import json
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Message = MutableMapping[str, Any]


@dataclass(frozen=True)
class Exchange:
    """One request to AuthKit or to the server, and the status of its answer."""

    path: str
    status: int
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def message(self) -> dict[str, Any]:
        """The JSON object in the body: a JSON-RPC message, or a registration."""
        said: dict[str, Any] = json.loads(self.body)
        return said

    @property
    def claims(self) -> dict[str, Any]:
        """The claims of the bearer token, unverified."""
        payload = self.headers["authorization"].split(".")[1]
        said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return said


@dataclass
class Observer:
    exchanges: list[Exchange] = field(default_factory=list)

    def watch(self, app: Any) -> Any:
        """An ASGI application that answers as `app` does."""

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            chunks: list[bytes] = []

            async def receive_and_keep() -> Message:
                message: Message = await receive()
                chunks.append(message.get("body", b""))
                return message

            async def keep_and_send(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self.exchanges.append(_read(scope, message["status"], b"".join(chunks)))
                await send(message)

            await app(scope, receive_and_keep, keep_and_send)

        return watched

    def at(self, path: str, status: int = 200) -> list[Exchange]:
        return [each for each in self.exchanges if (each.path, each.status) == (path, status)]

    def calls(self, tool: str) -> list[Exchange]:
        """The successful calls of a tool."""
        posts = [each for each in self.at("/mcp") if each.body]
        messages = [(each, each.message) for each in posts]
        return [
            each
            for each, message in messages
            if message.get("method") == "tools/call" and message["params"]["name"] == tool
        ]


def _read(scope: Any, status: int, body: bytes) -> Exchange:
    return Exchange(
        path=scope["path"],
        status=status,
        query=dict(parse_qsl(scope["query_string"].decode())),
        headers={name.decode().lower(): value.decode() for name, value in scope["headers"]},
        body=body,
    )
