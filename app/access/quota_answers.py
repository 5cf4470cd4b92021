"""What a caller is told whose call the quota does not let through: a sentence, a wait, and the fields for it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.access.quota_rules import Kind, Subject, Window

_SENTENCES: dict[Kind, str] = {
    "user": "You have used the {calls} that one user has per {window}.",
    "machine": "This application has used the {calls} that one application has per {window}.",
    "organization": "Your organisation has used the {calls} that one organisation has per {window}.",
}
_UNITS = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}


@dataclass(frozen=True, slots=True)
class Over:
    """A call that is not served."""

    text: str
    """For the caller."""
    retry_after: int
    """Seconds."""
    reason: Literal["quota", "quota_unavailable"]
    headers: Mapping[str, str]
    """Fields of the HTTP answer, `retry-after` among them."""


def used_up(subject: Subject, subjects: Sequence[Subject], window: Window, now: float) -> Over:
    """`subject` has no call left in this window; `subjects` are all that this caller counts among."""
    wait = math.ceil(window.end - now)
    sentence = _SENTENCES[subject.kind].format(calls=_some(subject.limit, "call"), window=_length(window.seconds))
    fields = {
        "retry-after": str(wait),  # RFC 9110 section 10.2.3: delay-seconds
        # draft-ietf-httpapi-ratelimit-headers, "RateLimit-Policy Field": all that holds for this caller.
        "ratelimit-policy": ", ".join(f'"{each.kind}";q={each.limit};w={window.seconds}' for each in subjects),
        # The same, "RateLimit Field": the one that ran out, and when there is more.
        "ratelimit": f'"{subject.kind}";r=0;t={wait}',
    }
    return Over(f"{sentence} {_again(wait)}", wait, "quota", fields)


def cannot_count(wait: int) -> Over:
    """Nobody knows how many calls are left, and the settings say to serve none then."""
    text = f"This server cannot count its calls at the moment, and takes none until it can. {_again(wait)}"
    return Over(text, wait, "quota_unavailable", {"retry-after": str(wait)})


def _again(wait: int) -> str:
    return f"Try again in {_some(wait, 'second')}."


def _some(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _length(seconds: int) -> str:
    """As people say it behind "per": hour, 2 hours, 90 seconds."""
    unit, length = next(each for each in _UNITS.items() if seconds % each[1] == 0)
    return unit if seconds == length else _some(seconds // length, unit)
