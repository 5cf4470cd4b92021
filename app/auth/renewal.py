"""Work that goes on behind the calls, and for which nobody waits while it is young."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context

logger = logging.getLogger(__name__)


class Renewal:
    """One task, begun once. `clock` is wall time: between two invocations Lambda freezes the task."""

    def __init__(self, work: Callable[[], Awaitable[None]], clock: Callable[[], float], seconds: float) -> None:
        self._work = work
        self._clock = clock
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None
        self._wanted_at: float | None = None

    def begin(self) -> bool:
        """Whether it still has time to end by itself, so that whoever asks need not wait.

        The second who asks begins it: making its first connection takes 40 ms of CPU, and a first answer none.
        """
        if self._wanted_at is None:
            self._wanted_at = self._clock()
            return True
        is_young = 0 <= self._clock() - self._wanted_at < self._seconds
        if is_young and self._task is None:
            # It serves many callers, so it starts in the context of none.
            self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())
        return is_young

    async def stop(self) -> None:
        """End it. After a freeze its connection is of before, and may be gone without a word."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _run(self) -> None:
        try:
            await self._work()
        except Exception:
            # A mistake of ours: the first call that has to wait for the same will raise it.
            logger.exception("signing keys could not be renewed")
