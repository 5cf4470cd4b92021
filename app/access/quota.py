"""How many calls a user and an organisation have, counted over all environments of the function together."""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from app.access.quota_rules import Kind, QuotaRules, Subject, Window
from app.auth.session import Session

logger = logging.getLogger(__name__)

FAILURE_PAUSE_SECONDS = 5.0
"""After a failure of the table, no call waits for it again for this long."""
RETENTION_SECONDS = 3600
"""A count stays in the table this much longer than its window: clocks differ, and an operator may look."""
MAX_EXHAUSTED_SUBJECTS = 1024
"""Subjects without calls left that one environment keeps in memory."""

_SENTENCES: dict[Kind, str] = {
    "user": "You have used the {calls} that one user has per {window}.",
    "machine": "This application has used the {calls} that one application has per {window}.",
    "api_key": "This API key has used the {calls} that one API key has per {window}.",
    "organization": "Your organisation has used the {calls} that one organisation has per {window}.",
}
_UNITS = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}


@dataclass(frozen=True, slots=True)
class QuotaExceeded:
    """What a caller gets whose call is not let through."""

    text: str
    """For the caller."""
    retry_after: int
    """Seconds."""
    reason: Literal["quota", "quota_unavailable"]
    headers: Mapping[str, str]
    """Fields of the HTTP answer, `retry-after` among them."""


class TableUnavailable(Exception):
    """The table gave no answer; `cause` is a slug: missing, denied, throttled, refused or unreachable."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class CallTable(Protocol):
    """Where all environments count."""

    async def count(self, key: str, limit: int, expires_at: int) -> bool:
        """Count one more call; or return False and count nothing, if there are `limit` calls already.

        `expires_at` is in seconds since the epoch: the table may then delete the count.

        Raises:
            TableUnavailable: the table gave no answer.
        """


class Quota:
    """The quota as one environment applies it. `clock` gives wall time, which all environments share."""

    def __init__(self, rules: QuotaRules, table: CallTable, clock: Callable[[], float]) -> None:
        self._rules = rules
        self._table = table
        self._clock = clock
        # Keys, oldest first. They stay true: a count only rises, and the window is part of the key.
        self._exhausted: dict[str, None] = {}
        self._cause = ""
        self._failed_at = -math.inf

    async def take(self, session: Session) -> QuotaExceeded | None:
        """Count one call of this caller; None lets it through."""
        now = self._clock()
        window = self._rules.window(now)
        subjects = self._rules.subjects(session, window)
        # Look at all before counting one: if the organisation has no call left, its user must not lose one.
        exhausted = next((subject for subject in subjects if subject.key in self._exhausted), None)
        if exhausted is None and subjects:
            if self._seconds_until_retry(now):
                return self._answer_uncounted(now)
            try:
                exhausted = await self._count(subjects, window)
            except TableUnavailable as failure:
                self._cause, now = failure.cause, self._clock()
                if failure.cause != "throttled":  # DynamoDB throttles single items: other counts may work
                    self._failed_at = now
                return self._answer_uncounted(now)
        return _describe_exhausted(exhausted, subjects, window, now) if exhausted else None

    async def _count(self, subjects: Sequence[Subject], window: Window) -> Subject | None:
        """Count the call for each subject; return the first one that has no call left."""
        for subject in subjects:
            if not await self._table.count(subject.key, subject.limit, window.end + RETENTION_SECONDS):
                self._remember(subject)
                return subject
        return None

    def _remember(self, subject: Subject) -> None:
        self._exhausted[subject.key] = None
        if len(self._exhausted) > MAX_EXHAUSTED_SUBJECTS:
            del self._exhausted[next(iter(self._exhausted))]

    def _seconds_until_retry(self, now: float) -> int:
        since = now - self._failed_at
        return math.ceil(FAILURE_PAUSE_SECONDS - since) if 0 <= since < FAILURE_PAUSE_SECONDS else 0

    def _answer_uncounted(self, now: float) -> QuotaExceeded | None:
        policy = self._rules.when_unavailable
        # One line for each call, so that an operator can count the calls that were not counted, or turned away.
        logger.warning("quota unavailable", extra={"reason": self._cause, "policy": policy})
        return _describe_unavailable(self._seconds_until_retry(now)) if policy == "deny" else None


def _describe_exhausted(
    subject: Subject, subjects: Sequence[Subject], window: Window, now: float
) -> QuotaExceeded:
    """Build the answer if `subject` has no call left; `subjects` are all that this call counts for."""
    wait = math.ceil(window.end - now)
    calls, length = _plural(subject.limit, "call"), _name_length(window.seconds)
    headers = {
        "retry-after": str(wait),  # RFC 9110 section 10.2.3: delay-seconds
        # draft-ietf-httpapi-ratelimit-headers, "RateLimit-Policy Field": every quota of this caller.
        "ratelimit-policy": ", ".join(f'"{each.kind}";q={each.limit};w={window.seconds}' for each in subjects),
        # The same draft, "RateLimit Field": the quota that is used up, and the seconds until it is renewed.
        "ratelimit": f'"{subject.kind}";r=0;t={wait}',
    }
    sentence = _SENTENCES[subject.kind].format(calls=calls, window=length)
    return QuotaExceeded(f"{sentence} {_advise(wait)}", wait, "quota", headers)


def _describe_unavailable(wait: int) -> QuotaExceeded:
    """Build the answer if the calls cannot be counted and the settings say to deny them then."""
    text = f"This server cannot count its calls at the moment, and takes none until it can. {_advise(wait)}"
    return QuotaExceeded(text, wait, "quota_unavailable", {"retry-after": str(wait)})


def _advise(wait: int) -> str:
    return f"Try again in {_plural(wait, 'second')}."


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _name_length(seconds: int) -> str:
    """Return the length as it follows "per": hour, 2 hours, 90 seconds."""
    unit, length = next(each for each in _UNITS.items() if seconds % each[1] == 0)
    return unit if seconds == length else _plural(seconds // length, unit)
