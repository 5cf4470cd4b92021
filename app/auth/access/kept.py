"""Answers kept for a while, each asked for once at a time, failures included."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.auth.workos import NotForCallers

Key = TypeVar("Key")
Value = TypeVar("Value")

TTL = 60.0
"""Seconds that an answer serves: who loses a role in WorkOS loses it here within them."""
FAILURE_TTL = 5.0
"""Seconds after a failure in which nobody waits for another attempt."""
LIMIT = 1000
"""Answers that one environment remembers; the oldest goes first."""


class Undecidable(NotForCallers):
    """It cannot be known now; `reason` is a slug for the log, the message is for the caller."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "Whether you may use this cannot be found out at the moment. This is temporary: "
            "try again in a minute. Nothing was done."
        )
        self.reason = reason


@dataclass(slots=True)
class _Entry(Generic[Value]):
    value: Value | None
    failure: str | None
    until: float


class Kept(Generic[Key, Value]):
    """`fetch`, remembered by key. `clock` is wall time, as everywhere that a frozen environment thaws."""

    def __init__(self, fetch: Callable[[Key], Awaitable[Value]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._entries: dict[Key, _Entry[Value]] = {}
        # Single-flight: who waited for the lock looks again before fetching.
        self._locks: dict[Key, asyncio.Lock] = {}

    async def get(self, key: Key, *, deadline: float) -> tuple[Value, bool]:
        """The answer, and whether WorkOS gave it just now; `deadline` is the event loop's time.

        Raises:
            Undecidable: there is none, or none in time.
        """
        entry = self._fresh(key)
        if entry is not None:
            return _value(entry), False
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with asyncio.timeout_at(deadline), lock:
                waited = self._fresh(key)
                entry = waited or await self._ask(key)
        except TimeoutError:
            entry = self._keep(key, _Entry(None, "timeout", self._clock() + FAILURE_TTL))
            waited = None
        finally:
            if not lock.locked():
                self._locks.pop(key, None)
        return _value(entry), waited is None

    async def _ask(self, key: Key) -> _Entry[Value]:
        try:
            value = await self._fetch(key)
        except Undecidable as failure:
            return self._keep(key, _Entry(None, failure.reason, self._clock() + FAILURE_TTL))
        return self._keep(key, _Entry(value, None, self._clock() + TTL))

    def _keep(self, key: Key, entry: _Entry[Value]) -> _Entry[Value]:
        self._entries.pop(key, None)
        while len(self._entries) >= LIMIT:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = entry
        return entry

    def _fresh(self, key: Key) -> _Entry[Value] | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        left = entry.until - self._clock()
        # A clock that was set back must not prolong an answer's life.
        return entry if 0 < left <= (FAILURE_TTL if entry.failure else TTL) else None


def _value(entry: _Entry[Value]) -> Value:
    if entry.failure is not None:
        raise Undecidable(entry.failure)
    return entry.value  # type: ignore[return-value] # no failure: it is the value, which may be None itself
