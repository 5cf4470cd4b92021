"""What an event must be before it is served: HTTP, readable, and unambiguous about who calls."""

from collections.abc import Iterable
from typing import Any

from mangum import Mangum


class MalformedEvent(Exception):
    """The event resembles HTTP but cannot be read; the message names the part, never its value."""


def is_http(event: Any) -> bool:
    """Whether a front door sent it: API Gateway, a Function URL or a load balancer."""
    return isinstance(event, dict) and "requestContext" in event


def check(event: dict[str, Any], context: Any, adapter: Mangum) -> None:
    """Find out whether the adapter can read the event.

    Raises:
        MalformedEvent: it cannot, or two of its parts disagree about a header that decides who calls.
    """
    try:
        request = adapter.infer(event, context)
        readable = isinstance(request.scope["method"], str) and isinstance(request.body, bytes)
        ambiguous = _is_ambiguous(event)
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise MalformedEvent(type(error).__name__) from error
    if not readable:
        raise MalformedEvent("method or body")
    if ambiguous:
        raise MalformedEvent("headers")


def _is_ambiguous(event: dict[str, Any]) -> bool:
    """The adapter folds letter case and takes the last: two values would look like one."""
    single, several = event.get("headers") or {}, event.get("multiValueHeaders") or {}
    if _repeats(single) or _repeats(several):
        return True
    lowered = {name.lower(): value for name, value in single.items()}
    return any(
        name.lower() in {"authorization", "origin"} and lowered.get(name.lower(), values[-1]) not in values
        for name, values in several.items()
    )


def _repeats(names: Iterable[str]) -> bool:
    lowered = [name.lower() for name in names]
    return len(set(lowered)) != len(lowered)
