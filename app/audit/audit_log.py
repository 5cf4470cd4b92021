"""WorkOS's Audit Logs: one event per use. An answer waits a short time for its event and never fails with it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastapi import Request

from app.audit.event import AuditEvent
from app.audit.outbox import RETRY_PAUSES_SECONDS, Outbox, log_defect

if TYPE_CHECKING:
    from workos import AsyncWorkOSClient

MAX_WAIT_SECONDS = 0.25
"""Seconds that an answer waits for its event; what is not sent by then is sent during later invocations."""


class EventNotAccepted(Exception):
    """WorkOS answered, but did not say that it has the event."""


class AuditLog:
    """Tells WorkOS who used what, under one action that was configured there."""

    def __init__(
        self,
        action: str,
        client: Callable[[], Awaitable["AsyncWorkOSClient"]],
        clock: Callable[[], float],
        *,
        pauses: Sequence[float] = RETRY_PAUSES_SECONDS,
    ) -> None:
        self._action = action
        self._client = client
        self._clock = clock
        self._outbox = Outbox(self._send, clock, pauses)

    async def add(self, line: Mapping[str, Any], request: Request, *, wait: bool = True) -> None:
        """Send the event of the exchange that `line` describes, and wait for it up to MAX_WAIT_SECONDS.

        With `wait=False` the event is held until an exchange in which something was found. So a call of something
        hidden takes as long as a call of something that does not exist, also by the time that sending takes.
        """
        try:
            if wait and line["outcome"] != "error":
                self._outbox.send_held()
            event = AuditEvent.from_line(line, request, self._clock())
            if event is not None:
                await self._deliver(event, wait=wait)
        except Exception as error:  # noqa: BLE001 - the caller's answer is ready, and this must not change it
            log_defect(error)

    async def close(self) -> None:
        """Send what is pending, for at most MAX_WAIT_SECONDS."""
        await self._outbox.close(MAX_WAIT_SECONDS)

    async def _deliver(self, event: AuditEvent, *, wait: bool) -> None:
        pending = self._outbox.put(event, hold=not wait)
        # While WorkOS fails, an answer would most likely wait in vain.
        if pending is not None and wait and not self._outbox.is_resting:
            await asyncio.wait([pending.completion], timeout=MAX_WAIT_SECONDS)

    async def _send(self, event: AuditEvent) -> None:
        client = await self._client()
        answer = await client.audit_logs.create_event(
            organization_id=event.organization_id, event=event.for_workos(self._action), idempotency_key=event.key
        )
        if answer.success is not True:
            raise EventNotAccepted
