"""WorkOS's Audit Logs: an event per use. An answer waits for its event up to a bound, and never fails by it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastapi import Request

from app.audit.event import AuditEvent, event_of
from app.audit.loss import tell_defect
from app.audit.outbox import PAUSES, Outbox

if TYPE_CHECKING:
    from workos import AsyncWorkOSClient

WAIT = 0.25
"""Seconds that an answer waits for its event; what is not sent by then goes on during later invocations."""


class NotTaken(Exception):
    """WorkOS answered, but did not say that it has the event."""


class AuditLog:
    """Tells WorkOS who used what, under one action that was configured there."""

    def __init__(
        self,
        action: str,
        client: Callable[[], Awaitable["AsyncWorkOSClient"]],
        clock: Callable[[], float],
        *,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._action = action
        self._client = client
        self._clock = clock
        self._outbox = Outbox(self._send, clock, pauses)

    async def add(self, line: Mapping[str, Any], request: Request, *, wait: bool = True) -> None:
        """Send the event of this exchange, which `line` describes; its answer waits for it unless told not to.

        What is not waited for is held until an exchange in which something was found: not even the time that its
        sending takes tells it from a call of what does not exist.
        """
        try:
            if wait and line["outcome"] != "error":
                self._outbox.send_held()
            event = event_of(line, request, self._clock())
            if event is not None:
                await self._deliver(event, wait=wait)
        except Exception as error:  # noqa: BLE001 - the caller's answer is known, and stays what it is
            tell_defect(error)

    async def close(self) -> None:
        await self._outbox.close(WAIT)

    async def _deliver(self, event: AuditEvent, *, wait: bool) -> None:
        pending = self._outbox.put(event, hold=not wait)
        # After a failure an answer would most likely wait in vain.
        if pending is not None and wait and not self._outbox.is_resting:
            await asyncio.wait([pending.settled], timeout=WAIT)

    async def _send(self, event: AuditEvent) -> None:
        client = await self._client()
        answer = await client.audit_logs.create_event(
            organization_id=event.organization_id, event=event.for_workos(self._action), idempotency_key=event.key
        )
        if answer.success is not True:
            raise NotTaken
