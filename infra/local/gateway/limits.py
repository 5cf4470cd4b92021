"""How long the parts of a request may take, and how many requests are served at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, where nothing else is said."""

    gateway: float = 30.0
    """What API Gateway waits for an answer, the wait for a free environment included."""
    function: float = 29.0
    """The function's own timeout, from the start of the invocation."""
    start: float = 30.0
    """For an import: a cold start falls within the gateway's limit for the first request."""
    environments: int = 4
    """Processes that serve requests at the same time. Lambda starts as many as there are requests."""
