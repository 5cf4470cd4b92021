"""How many calls a user and an organisation have, over all environments of the function together."""

import logging
import math
from collections.abc import Callable, Sequence
from typing import Protocol

from app.access.quota_answers import Over, cannot_count, used_up
from app.access.quota_rules import QuotaRules, Subject, Window
from app.auth.session import Session

logger = logging.getLogger(__name__)

FAILURE_TTL = 5.0
"""Seconds after a failure of the table in which nobody waits for it again."""
KEPT = 3600
"""Seconds that a count outlives its window: for clocks that differ, and for an operator who looks."""
_REMEMBERED = 1024
"""Subjects without calls left that one environment remembers."""


class TableUnavailable(Exception):
    """The table gave no answer; `cause` is a slug: missing, denied, throttled, refused or unreachable."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class CallTable(Protocol):
    """Where all environments count."""

    async def count(self, key: str, limit: int, expires_at: int) -> bool:
        """Count one call more, unless there are `limit` already: then it is False, and nothing is counted.

        Raises:
            TableUnavailable: nobody knows.
        """


class Quota:
    """The quota as one environment sees it. `clock` is wall time, which environments have in common."""

    def __init__(self, rules: QuotaRules, table: CallTable, clock: Callable[[], float]) -> None:
        self._rules = rules
        self._table = table
        self._clock = clock
        # Keys, oldest first. A count only rises and its window is in its key: what is in here stays true.
        self._used_up: dict[str, None] = {}
        self._cause = ""
        self._failed_at = -math.inf

    async def take(self, session: Session) -> Over | None:
        """Count one call of this caller; None lets it through."""
        now = self._clock()
        window = self._rules.window(now)
        subjects = self._rules.subjects(session, window)
        # All are looked up before one is counted: where the organisation has no call left, its user loses none.
        empty = next((subject for subject in subjects if subject.key in self._used_up), None)
        if empty is None and subjects:
            if self._wait_at(now):
                return self._uncounted(now)
            try:
                empty = await self._count(subjects, window)
            except TableUnavailable as failure:
                self._cause, now = failure.cause, self._clock()
                if failure.cause != "throttled":  # DynamoDB throttles one item: that says nothing of the others
                    self._failed_at = now
                return self._uncounted(now)
        return used_up(empty, subjects, window, now) if empty else None

    async def _count(self, subjects: Sequence[Subject], window: Window) -> Subject | None:
        """The first that has no call left."""
        for subject in subjects:
            if not await self._table.count(subject.key, subject.limit, window.end + KEPT):
                self._remember(subject)
                return subject
        return None

    def _remember(self, subject: Subject) -> None:
        self._used_up[subject.key] = None
        if len(self._used_up) > _REMEMBERED:
            del self._used_up[next(iter(self._used_up))]

    def _wait_at(self, now: float) -> int:
        """Seconds until the table is asked again."""
        since = now - self._failed_at
        return math.ceil(FAILURE_TTL - since) if 0 <= since < FAILURE_TTL else 0

    def _uncounted(self, now: float) -> Over | None:
        policy = self._rules.when_unavailable
        # One line for each call: an operator counts what went past the quota, or was turned away.
        logger.warning("quota unavailable", extra={"reason": self._cause, "policy": policy})
        return cannot_count(self._wait_at(now)) if policy == "deny" else None
