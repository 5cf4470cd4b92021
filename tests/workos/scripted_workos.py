"""api.workos.com as a script: what it answers is the test's, what it was asked is kept."""

import json
from dataclasses import dataclass, field
from typing import Any

USER: dict[str, Any] = {
    "object": "user",
    "id": "user_01ALICE",
    "email": "alice@example.com",
    "first_name": "Alice",
    "last_name": None,
    "email_verified": True,
    "profile_picture_url": None,
    "created_at": "2026-01-01T00:00:00.000Z",
    "updated_at": "2026-01-01T00:00:00.000Z",
    "last_sign_in_at": None,
    "external_id": None,
    "metadata": {},
    "locale": None,
}


@dataclass
class Api:
    """api.workos.com as a script: the next answers in order, the last one for ever."""

    answers: list[Any] = field(default_factory=list)
    """Status, headers and body; None hangs, "cut" ends in the middle."""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    """Path and Authorization of each request."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        sent = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append((scope["path"], sent.get("authorization")))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "cut":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"99")]})
            await send({"type": "http.response.body", "body": b"{"})
            return
        if answer is None:
            await receive()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        status, headers, body = answer
        told = [(b"x-request-id", b"req_123"), (b"content-type", b"application/json")]
        told += [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send(
            {"type": "http.response.body", "body": body if isinstance(body, bytes) else json.dumps(body).encode()}
        )
