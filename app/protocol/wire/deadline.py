"""When the call that is being served has to be over, so that its caller is still told."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.current import Slot

MARGIN = 1.0
"""Seconds that the function keeps to end what runs, to answer, and to write down what happened."""
MOST = 29.0 - MARGIN
"""Seconds for an exchange in all: API Gateway gives up after 30, counted from before the function starts."""


@dataclass(slots=True)
class Deadline:
    seconds: float
    """What there was in all."""
    at: float
    """By the monotonic clock: nothing is frozen in the middle of a call."""
    passed: bool = False
    """Set by who cancels the call for it: any other cancellation is the host's."""

    @classmethod
    def of(cls, seconds: float) -> "Deadline":
        """From now."""
        return cls(seconds, time.monotonic() + seconds)

    @classmethod
    def before_the_functions(cls, scope: Mapping[str, Any], most: float) -> "Deadline":
        """Before Lambda ends the function, whose context Mangum puts into the ASGI scope.

        Under another server, and where there is more time than `most`, it is that many seconds from now.
        """
        remaining = getattr(scope.get("aws.context"), "get_remaining_time_in_millis", None)
        return cls.of(most if remaining is None else min(most, remaining() / 1000 - MARGIN))

    def left(self) -> float:
        """Seconds, never less than none."""
        return max(0.0, self.at - time.monotonic())


_current: Slot[Deadline] = Slot("deadline")


def get_deadline() -> Deadline:
    """That of the exchange that is being served.

    Raises:
        LookupError: there is none: bind one in your test (`bind_deadline`).
    """
    return _current.get()


def bind_deadline(deadline: Deadline) -> Deadline:
    """Make it the one for the rest of this request's context."""
    return _current.bind(deadline)
