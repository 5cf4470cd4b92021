"""Answers kept for a while, each asked for once at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.workos.client import NotForCallers

Key = TypeVar("Key")
Value = TypeVar("Value")

TTL = 60.0
"""Seconds that an answer serves: who loses a role in WorkOS loses it here within them."""
LIMIT = 1000
"""Answers that one environment remembers; the oldest goes first."""


_TEMPORARY = (
    "Whether you may use this cannot be found out at the moment. This is temporary: "
    "try again in a minute. Nothing was done."
)
_LASTING = (
    "Whether you may use this cannot be found out: WorkOS refuses the question, and would do so again. "
    "Check the arguments; if they are right, whoever runs this server finds the cause in its log. "
    "Nothing was done."
)


class Undecidable(NotForCallers):
    """It cannot be known now. The message is for the caller; why stands in the log.

    Args:
        is_lasting: WorkOS refuses the question itself, so that trying again would not help.
    """

    def __init__(self, *, is_lasting: bool = False) -> None:
        super().__init__(_LASTING if is_lasting else _TEMPORARY)
        self.is_lasting = is_lasting


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Value]):
    value: Value
    asked_at: float


class Kept(Generic[Key, Value]):
    """`fetch`, remembered by key. `clock` is wall time, as everywhere that a frozen environment thaws."""

    def __init__(self, fetch: Callable[[Key], Awaitable[Value]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._entries: dict[Key, _Entry[Value]] = {}
        # Single-flight: who waited for the lock looks again before fetching.
        self._locks: dict[Key, asyncio.Lock] = {}

    async def get(self, key: Key) -> tuple[Value, bool]:
        """The answer, and whether WorkOS gave it just now.

        Raises:
            Undecidable: there is none.
        """
        if (entry := self._fresh(key)) is not None:
            return entry.value, False
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if (entry := self._fresh(key)) is not None:
                    return entry.value, False
                return await self._ask(key), True
        finally:
            if not lock.locked():
                self._locks.pop(key, None)

    async def _ask(self, key: Key) -> Value:
        value = await self._fetch(key)
        self._entries.pop(key, None)
        while len(self._entries) >= LIMIT:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = _Entry(value, self._clock())
        return value

    def _fresh(self, key: Key) -> _Entry[Value] | None:
        entry = self._entries.get(key)
        # A clock that was set back must not prolong an answer's life.
        return entry if entry is not None and 0 <= self._clock() - entry.asked_at < TTL else None
