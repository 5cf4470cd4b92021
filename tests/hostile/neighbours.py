"""One warm environment, two callers: the hostile one may do anything, the other one is served, the log is true."""

import asyncio
import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.runtime.logs import logger
from tests.events import http_api
from tests.rig import MODERN, Answer, Rig, message

HOSTILE, OTHER = "user_HOSTILE", "user_OTHER"
HANG_SECONDS = 1.0
"""CPU that one request may take: a hang shows here however busy the machine is."""
WAIT_SECONDS = 30.0
"""Wall time after which a request counts as hung, with room for a busy machine."""


def claims_of(user: str) -> dict[str, Any]:
    name = user.removeprefix("user_")
    return {"sub": user, "org_id": f"org_{name}", "client_id": f"client_{name}", "jti": f"token_{name}"}


@dataclass
class Neighbours:
    rig: Rig
    log: io.StringIO

    def token(self, user: str) -> str:
        return self.rig.issuer.token(**claims_of(user))

    def attack(self, event: dict[str, Any], *, statuses: tuple[int, ...] = ()) -> Answer:
        """Send the event of the hostile caller; then the other one calls, and both have their line in the log.

        `statuses` are those of 500 and more that this attack may get, such as 503 while a service is down.
        """
        self._empty_log()
        cpu, wall = time.process_time(), time.monotonic()
        answer = self.rig.send(event)
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
        assert cpu < HANG_SECONDS, f"{cpu:.2f} s of CPU"
        assert wall < WAIT_SECONDS, f"{wall:.1f} s"
        assert answer.status < 500 or answer.status in statuses, answer
        check_lines(self.log.getvalue(), {HOSTILE})
        return answer

    def check_neighbour(self, *, after_outage: bool = False) -> None:
        """The other caller's next call: its own answer, and one record of it."""
        self._empty_log()
        headers, body = message("tools/call", {"name": "whoami", "arguments": {}}, MODERN)
        answer = self.rig.request(token=self.token(OTHER), headers=headers, body=body)
        if after_outage and answer.status == 503:
            return
        assert answer.status == 200, answer
        assert answer.json["result"]["structuredContent"]["user_id"] == OTHER
        records = check_lines(self.log.getvalue(), {OTHER})
        assert [(line["user_id"], line["tool"], line["outcome"]) for line in records] == [(OTHER, "whoami", "ok")]

    def call(self, tool: str, arguments: Mapping[str, Any], version: str = MODERN) -> dict[str, Any]:
        """The event of a call by the hostile caller."""
        return self.request("tools/call", {"name": tool, "arguments": dict(arguments)}, version)

    def request(self, method: str, params: Mapping[str, Any], version: str = MODERN) -> dict[str, Any]:
        headers, body = message(method, params, version)
        # ensure_ascii: JSON can write a lone surrogate, an event's UTF-8 cannot.
        return http_api(
            "POST", "/mcp", {**headers, "authorization": f"Bearer {self.token(HOSTILE)}"}, json.dumps(body)
        )

    def _empty_log(self) -> None:
        self.log.seek(0)
        self.log.truncate()


def check_lines(text: str, users: set[str]) -> list[dict[str, Any]]:
    """The audit records; every line of the log is one JSON object, and each record is of one of the users.

    Lines are split where a log collector splits them, at line feeds alone.
    """
    lines = [json.loads(line) for line in text.split("\n") if line]
    assert all(isinstance(line, dict) and "message" in line for line in lines)
    records = [line for line in lines if line["message"] == "exchange"]
    assert {line["user_id"] for line in records} <= users, records
    assert len(records) <= 1
    return records


@contextmanager
def neighbours(rig: Rig) -> Iterator[Neighbours]:
    handler, log = logger.registered_handler, io.StringIO()
    # A stream that takes what stdout takes on Lambda: no lone surrogate.
    stream = io.TextIOWrapper(_Utf8(log), encoding="utf-8", write_through=True)  # type: ignore[type-var]
    usual = handler.setStream(stream)  # type: ignore[attr-defined]
    try:
        yield Neighbours(rig, log)
    finally:
        # Tasks that the hostile code left behind end now, not in another test.
        asyncio.get_event_loop().run_until_complete(asyncio.sleep(0.05))
        handler.setStream(usual)  # type: ignore[attr-defined]
        stream.detach()
        rig.close()


class _Utf8(io.RawIOBase):
    """Writes on into the text that a test reads."""

    def __init__(self, log: io.StringIO) -> None:
        self._log = log

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._log.write(bytes(data).decode())
        return len(data)
