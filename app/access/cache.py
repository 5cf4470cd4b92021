"""Answers of WorkOS, kept for a minute and asked for by one caller at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.workos.client import NoAnswerForCaller

Key = TypeVar("Key")
Value = TypeVar("Value")

CACHE_SECONDS = 60.0
"""How long an answer is used: a role that is taken away in WorkOS is gone here after this time."""
MAX_CACHED_ANSWERS = 1000
"""Answers that one environment keeps; the oldest is dropped first."""

_TEMPORARY = (
    "Whether you may use this cannot be found out at the moment. This is temporary: "
    "try again in a minute. Nothing was done."
)
_LASTING = (
    "Whether you may use this cannot be found out: WorkOS refuses the question, and would do so again. "
    "Check the arguments; if they are right, whoever runs this server finds the cause in its log. "
    "Nothing was done."
)


class Undecidable(NoAnswerForCaller):
    """WorkOS cannot say what the caller may do. The message is for the caller; the cause is in the log.

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


class MinuteCache(Generic[Key, Value]):
    """The answers of `fetch` by key. `clock` gives wall time: it goes on while Lambda freezes us."""

    def __init__(self, fetch: Callable[[Key], Awaitable[Value]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._entries: dict[Key, _Entry[Value]] = {}
        # One question at a time for each key: a call that waited for the lock looks for the answer again.
        self._locks: dict[Key, asyncio.Lock] = {}

    async def get(self, key: Key) -> tuple[Value, bool]:
        """Return the answer, and whether it was fetched just now.

        Raises:
            Undecidable: there is no answer.
        """
        if (entry := self._find_fresh(key)) is not None:
            return entry.value, False
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                if (entry := self._find_fresh(key)) is not None:
                    return entry.value, False
                return await self._fetch_and_store(key), True
        finally:
            if not lock.locked():
                self._locks.pop(key, None)

    async def _fetch_and_store(self, key: Key) -> Value:
        value = await self._fetch(key)
        self._entries.pop(key, None)
        while len(self._entries) >= MAX_CACHED_ANSWERS:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = _Entry(value, self._clock())
        return value

    def _find_fresh(self, key: Key) -> _Entry[Value] | None:
        entry = self._entries.get(key)
        # After the clock was set back, the age of an answer is unknown: ask again.
        is_fresh = entry is not None and 0 <= self._clock() - entry.asked_at < CACHE_SECONDS
        return entry if is_fresh else None
