"""A dictionary whose entries expire, measured by an injected clock."""

from collections.abc import Callable
from typing import Generic, TypeVar

Clock = Callable[[], float]
Entry = TypeVar("Entry")


class Expiring(Generic[Entry]):
    def __init__(self, lifetime: float, clock: Clock) -> None:
        self._lifetime = lifetime
        self._clock = clock
        self._entries: dict[str, tuple[float, Entry]] = {}

    def put(self, key: str, entry: Entry) -> None:
        now = self._clock()
        self._entries = {each: kept for each, kept in self._entries.items() if kept[0] > now}
        self._entries[key] = (now + self._lifetime, entry)

    def replace(self, key: str, entry: Entry) -> None:
        """Change an existing entry without extending its time."""
        self._entries[key] = (self._entries[key][0], entry)

    def get(self, key: str) -> Entry | None:
        expires, entry = self._entries.get(key, (0.0, None))
        return entry if expires > self._clock() else None

    def take(self, key: str) -> Entry | None:
        """Return an entry and remove it."""
        entry = self.get(key)
        self._entries.pop(key, None)
        return entry
