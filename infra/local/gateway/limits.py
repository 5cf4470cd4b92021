"""The limits of the local gateway: seconds for the parts of a request, and how many requests run at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits; all times are in seconds."""

    gateway: float = 30.0
    """How long API Gateway waits for an answer, including the wait for a free environment."""
    function: float = 29.0
    """The function's own timeout, from the start of the invocation."""
    start: float = 30.0
    """For the import. For the first request it counts towards the gateway's limit too."""
    environments: int = 4
    """Processes at the same time. Lambda starts one for each request at once."""
