"""Operations as the wire has them: in pages, with times in the unit of each answer."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from infra.local.durable.execution import Operation
from infra.local.durable.limits import MAX_PAGE_BYTES

_TIMES = ("StartTimestamp", "EndTimestamp", "NextAttemptTimestamp", "ScheduledEndTimestamp")
_OWN = ("Expires", "Heartbeat", "HeartbeatExpires")
"""What the engine notes beside the API's own fields."""


def cut_page(
    operations: Sequence[Operation], marker: str = "", most: int = 1000
) -> tuple[Sequence[Operation], str]:
    """The entries from `marker` on that fit in an answer, at least one, and the marker of the next page or ""."""
    start, size, end = int(marker or 0), 0, int(marker or 0)
    while end < len(operations) and end - start < most:
        size += len(json.dumps(operations[end]))
        if size > MAX_PAGE_BYTES and end > start:
            break
        end += 1
    return operations[start:end], str(end) if end < len(operations) else ""


def in_milliseconds(operation: Operation) -> Operation:
    """As the event of an invocation has it."""
    return _convert(operation, lambda seconds: int(seconds * 1000))


def in_seconds(operation: Operation) -> Operation:
    """As the answers of the API have it."""
    return _convert(operation, lambda seconds: seconds)


def _convert(fields: dict[str, Any], convert: Callable[[float], float]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _OWN:
            continue
        if name in _TIMES:
            made[name] = convert(value)
        elif isinstance(value, dict) and name.endswith("Details"):
            made[name] = _convert(value, convert)
        else:
            made[name] = value
    return made
