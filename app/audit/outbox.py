"""Events on their way to WorkOS: a few at a time, again after a pause where it failed, up to a bound.

Senders are tasks of the event loop. Between two invocations it stands still, and they go on where they were.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass, field

from app.audit.event import AuditEvent
from app.audit.loss import Reason, tell_lost

LIMIT = 100
"""Events that one environment keeps until they are sent; the next one is lost."""
SENDERS = 4
"""Events that are sent at the same time."""
PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 60.0, 60.0, 60.0)
"""Seconds between attempts. There is one attempt more than pauses; then an event is given up."""
REFUSED = {400, 404, 409, 422}
"""Statuses by which WorkOS refuses the event itself: no later attempt could change that."""


@dataclass(eq=False, slots=True)
class Pending:
    event: AuditEvent
    settled: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    """Done once the event is sent, or lost."""
    failures: int = 0


class Outbox:
    """The events of one environment. `send` raises where it did not work; `clock` is wall time."""

    def __init__(
        self,
        send: Callable[[AuditEvent], Awaitable[object]],
        clock: Callable[[], float],
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._send = send
        self._clock = clock
        self._pauses = pauses
        self._pending: set[Pending] = set()
        self._queue: deque[Pending] = deque()
        self._senders: set[asyncio.Task[None]] = set()
        self._resting_until = -math.inf
        self._is_holding = False

    @property
    def is_resting(self) -> bool:
        """Whether WorkOS has just failed, and is left alone for a while."""
        # A clock that was set back is no reason to rest for longer.
        return 0 < self._resting_until - self._clock() <= max(self._pauses)

    def put(self, event: AuditEvent, *, hold: bool = False) -> Pending | None:
        """Take the event and begin to send it; None if it is lost for want of room.

        `hold` leaves it until `send_held` or the next event: sending takes time of the call that is being
        answered, and that would tell what the call was about.
        """
        if len(self._pending) >= LIMIT:
            tell_lost(event, "full")
            return None
        pending = Pending(event)
        self._pending.add(pending)
        self._queue.append(pending)
        self._is_holding = self._is_holding or hold
        if not hold:
            self._begin()
        return pending

    def send_held(self) -> None:
        """Begin to send what `put` was to hold."""
        if self._is_holding:
            self._begin()

    def _begin(self) -> None:
        self._is_holding = False
        if len(self._senders) < SENDERS:
            # It serves many callers, so it starts in the context of none.
            sender = asyncio.get_running_loop().create_task(self._work(), context=Context())
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)

    async def close(self, seconds: float) -> None:
        """A last moment for what is pending. Lambda gives none; other servers and tests do."""
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

    async def _work(self) -> None:
        failed = 0
        while self._queue:
            pending = self._queue.popleft()
            try:
                failed = await self._attempt(pending, failed)
            except asyncio.CancelledError:
                # By the end of this outbox, or by its host: no call can cancel it. The next sender goes on.
                self._queue.append(pending)
                raise

    async def _attempt(self, pending: Pending, failed: int) -> int:
        """How often it has failed in a row by now; `failed` is how often before."""
        try:
            await self._send(pending.event)
        except Exception as error:  # noqa: BLE001 - whatever it is, no call may hear of it
            if self._is_final(pending, error):
                return failed
            pause = self._pauses[min(failed, len(self._pauses) - 1)]
            self._resting_until = self._clock() + pause
            await asyncio.sleep(pause)
            # Behind the others, and meanwhile in nobody's way: WorkOS may not digest this one alone.
            self._queue.append(pending)
            return failed + 1
        self._resting_until = -math.inf
        self._settle(pending)
        return 0

    def _is_final(self, pending: Pending, error: Exception) -> bool:
        """Whether that was the event's last attempt."""
        pending.failures += 1
        if getattr(error, "status_code", None) in REFUSED:
            self._lose(pending, "refused", error)
        elif pending.failures > len(self._pauses):
            self._lose(pending, "given_up", error)
        else:
            return False
        return True

    def _lose(self, pending: Pending, reason: Reason, error: Exception | None = None) -> None:
        self._settle(pending)
        tell_lost(pending.event, reason, error)

    def _settle(self, pending: Pending) -> None:
        self._pending.discard(pending)
        pending.settled.set_result(None)
