"""What an environment ought to know of AuthKit's signing keys: the rules of docs/failures.md, without its code."""

import math
from collections.abc import Collection
from dataclasses import dataclass, field

HOUR, DAY = 3600.0, 86_400.0
AFTER_FAILURE, AFTER_UNKNOWN = 5.0, 30.0


@dataclass
class KnownKeys:
    """Reads AuthKit's list when the environment would."""

    held: frozenset[str] = frozenset()
    read_at: float = -math.inf
    tried_at: float = -math.inf
    is_failing: bool = False
    fetches: int = field(default=0)

    def refusal(self, key_id: str, listed: Collection[str] | None, now: float) -> str | None:
        """Why a token with this key is refused; `listed` is None while AuthKit cannot be reached."""
        is_stale = now - self.read_at >= HOUR
        if is_stale and not (self.is_failing and now - self.tried_at < AFTER_FAILURE):
            self._read(listed, now)
        if now - self.read_at >= DAY:
            return "keys_unavailable"
        if key_id not in self.held and now - self.tried_at >= AFTER_UNKNOWN:
            self._read(listed, now)
        if key_id in self.held:
            return None
        return "keys_unavailable" if self.is_failing else "unknown_key"

    def _read(self, listed: Collection[str] | None, now: float) -> None:
        self.fetches += 1
        self.tried_at, self.is_failing = now, listed is None
        if listed is not None:
            self.held, self.read_at = frozenset(listed), now
