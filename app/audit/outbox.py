"""Sends events to WorkOS: a few at a time, again after a pause if it failed, up to a bound.

Senders are tasks of the event loop. Between two invocations the loop stands still, and in the next one they go on.
"""

import asyncio
import logging
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from app.audit.event import AuditEvent

logger = logging.getLogger(__name__)

MAX_PENDING_EVENTS = 100
"""Events that one environment holds until they are sent; the next one is lost."""
MAX_SENDERS = 4
"""Events that are sent at the same time."""
RETRY_PAUSES_SECONDS = (5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0, 60.0, 60.0)
"""Seconds between attempts. There is one attempt more than pauses; then the event is lost."""
REFUSAL_STATUSES = {400, 404, 409, 422}
"""Statuses by which WorkOS refuses the event itself: no later attempt can change that."""

LOST_MESSAGE = "audit event lost"
"""The log message of a lost event. A metric counts it, and alarms can watch that."""
LossReason: TypeAlias = Literal["refused", "given_up", "full", "shutdown"]


@dataclass(eq=False, slots=True)
class PendingEvent:
    """An event that is not sent yet."""

    event: AuditEvent
    completion: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """Done once the event is sent or lost."""
    failures: int = 0


class Outbox:
    """The events of one environment."""

    def __init__(
        self,
        send: Callable[[AuditEvent], Awaitable[object]],
        clock: Callable[[], float],
        pauses: Sequence[float] = RETRY_PAUSES_SECONDS,
    ) -> None:
        """`send` raises if it failed; `clock` is wall time, in seconds."""
        self._send = send
        self._clock = clock
        self._pauses = pauses
        self._pending: set[PendingEvent] = set()
        self._queue: deque[PendingEvent] = deque()
        self._senders: set[asyncio.Task[None]] = set()
        self._resting_until = -math.inf
        self._is_holding = False

    @property
    def is_resting(self) -> bool:
        """Whether WorkOS has just failed, so that nothing is sent for a while."""
        # If the clock was set back, the rest must not become longer.
        return 0 < self._resting_until - self._clock() <= max(self._pauses)

    def put(self, event: AuditEvent, *, hold: bool = False) -> PendingEvent | None:
        """Take the event and begin to send it; None if there is no room for it and it is lost.

        With `hold` it stays until `send_held` or the next event. Sending takes time of the call that is being
        answered, and that time would tell the caller what the call was about.
        """
        if len(self._pending) >= MAX_PENDING_EVENTS:
            _log_lost(event, "full")
            return None
        pending = PendingEvent(event)
        self._pending.add(pending)
        self._queue.append(pending)
        self._is_holding = self._is_holding or hold
        if not hold:
            self._start_sender()
        return pending

    def send_held(self) -> None:
        """Begin to send what `put` was asked to hold."""
        if self._is_holding:
            self._start_sender()

    def _start_sender(self) -> None:
        self._is_holding = False
        if len(self._senders) < MAX_SENDERS:
            # It sends events of many callers, so it starts in an empty context and not in that of this caller.
            sender = asyncio.get_running_loop().create_task(self._send_queue(), context=Context())
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)

    async def close(self, seconds: float) -> None:
        """Wait up to `seconds` for what is pending; the rest is lost. Lambda never calls it, other servers do."""
        self.send_held()
        senders = list(self._senders)
        if senders:
            await asyncio.wait(senders, timeout=seconds)
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        self._queue.clear()
        for pending in list(self._pending):
            self._lose(pending, "shutdown")

    async def _send_queue(self) -> None:
        failures_in_a_row = 0
        while self._queue:
            pending = self._queue.popleft()
            try:
                failures_in_a_row = await self._attempt(pending, failures_in_a_row)
            except asyncio.CancelledError:
                # `close` or the host cancelled this sender; no call can. The next sender takes the event.
                self._queue.append(pending)
                raise

    async def _attempt(self, pending: PendingEvent, failures_in_a_row: int) -> int:
        """Send once, and return how often sending has failed in a row by now."""
        try:
            await self._send(pending.event)
        except Exception as error:  # noqa: BLE001 - of any kind: no call may fail because of it
            if self._is_final(pending, error):
                return failures_in_a_row
            pause = self._pauses[min(failures_in_a_row, len(self._pauses) - 1)]
            self._resting_until = self._clock() + pause
            await asyncio.sleep(pause)
            # To the end of the queue: perhaps WorkOS cannot take this one event, so the others must not wait.
            self._queue.append(pending)
            return failures_in_a_row + 1
        self._resting_until = -math.inf
        self._complete(pending)
        return 0

    def _is_final(self, pending: PendingEvent, error: Exception) -> bool:
        """Count the failure, and lose the event if that was its last attempt."""
        pending.failures += 1
        if getattr(error, "status_code", None) in REFUSAL_STATUSES:
            self._lose(pending, "refused", error)
        elif pending.failures > len(self._pauses):
            self._lose(pending, "given_up", error)
        else:
            return False
        return True

    def _lose(self, pending: PendingEvent, reason: LossReason, error: Exception | None = None) -> None:
        self._complete(pending)
        _log_lost(pending.event, reason, error)

    def _complete(self, pending: PendingEvent) -> None:
        self._pending.discard(pending)
        pending.completion.set_result(None)


def log_defect(error: Exception) -> None:
    """Log that our own code failed before there was an event."""
    logger.error(LOST_MESSAGE, extra={"reason": "defect"}, exc_info=error)


def _log_lost(event: AuditEvent, reason: LossReason, error: Exception | None = None) -> None:
    """The record's line of the exchange stays; it has the request id that is logged here."""
    logger.warning(
        LOST_MESSAGE,
        extra={
            **_describe_error(error),
            "reason": reason,
            "lost_request_id": event.metadata.get("request_id"),
            "organization_id": event.organization_id,
            event.target_type: event.target_id,
        },
    )


def _describe_error(error: Exception | None) -> dict[str, Any]:
    if error is None:
        return dict.fromkeys(("cause", "status", "code", "workos_request_id"))
    from app.workos.answer_log import describe  # here, so that a cold start does not import it

    fields = describe(error)
    return {"cause": fields.pop("reason"), **fields}
