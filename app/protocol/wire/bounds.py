"""How much JSON one body may hold, counted before it is parsed: parsed, it takes a hundred times the memory.

The memory and the time that parsing and validating take depend on the number of values, on the number of lists and
objects, and on the depth. Bytes say little of that: 4 MiB hold one long text, or two million empty lists.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

MAX_VALUES = 150_000
"""JSON values in one body, such as some megabytes of numbers or short texts."""
MAX_CONTAINERS = 20_000
"""Lists and objects in one body. Each may become a model, or an error for each of a model's fields."""
MAX_DEPTH = 200
"""Levels of lists and objects. Pydantic follows 255, and a result may repeat an argument inside of more levels."""
MAX_ENVELOPE_VALUES = 1_000
"""JSON values in a request besides a tool's arguments. The SDK's models take 18 kB and 64 us for each."""

_STRUCTURE = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class BoundExceeded(ValueError):
    """A body holds more JSON than this server reads; the message says of what, and how much it may hold."""


class NestedTooDeep(BoundExceeded):
    """Lists and objects are nested deeper than this server reads."""

    def __init__(self) -> None:
        super().__init__(f"lists and objects are nested deeper than {MAX_DEPTH} levels")


@dataclass(slots=True)
class JsonAllowance:
    """What the JSON texts of one request may still hold together."""

    values: int = MAX_VALUES
    containers: int = MAX_CONTAINERS

    def take(self, text: bytes) -> None:
        """Count one JSON text, in a time that only depends on its length. For other texts the count means nothing.

        Raises:
            BoundExceeded: it holds more than is left.
        """
        values, containers = _upper_bounds(text)
        if values > self.values or containers > min(self.containers, MAX_DEPTH):
            values, containers = self._count(text)
        self.values -= values
        self.containers -= containers

    def _count(self, text: bytes) -> tuple[int, int]:
        outside = self._remove_texts(text)
        values, containers = _upper_bounds(outside)
        if containers > MAX_DEPTH:
            # Only as far as the allowed number of lists and objects: a text with more is refused below.
            brackets = outside.translate(None, _STRUCTURE)[: 2 * MAX_CONTAINERS]
            if max(accumulate(map(_STEPS.__getitem__, brackets))) > MAX_DEPTH:
                raise NestedTooDeep
        if containers > self.containers:
            raise BoundExceeded(f"there are more than {MAX_CONTAINERS:,} lists and objects")
        if values > self.values:
            raise _refuse_values()
        return values, containers

    def _remove_texts(self, text: bytes) -> bytes:
        """The JSON without its texts, in which commas and brackets are not structure."""
        # JSON has backslashes in texts only. Without these two escapes, every quote begins or ends a text.
        bare = text.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in text else text
        # Each value may be a text and have a name: two texts, so four quotes.
        if bare.count(b'"') > 4 * self.values:
            raise _refuse_values()
        return b"".join(bare.split(b'"')[::2])


def _upper_bounds(text: bytes) -> tuple[int, int]:
    """Values and containers. A value stands at the beginning, after an opening bracket, or after a comma."""
    containers = text.count(b"[") + text.count(b"{")
    return 1 + containers + text.count(b","), containers


def _refuse_values() -> BoundExceeded:
    return BoundExceeded(f"there are more than {MAX_VALUES:,} values")


def require_small_envelope(method: str, params: Any) -> None:
    """Count what the SDK's models validate: all params except a tool's arguments, which have a model of their own.

    Raises:
        BoundExceeded: they hold more values than a client needs for this.
    """
    is_call = method == "tools/call" and isinstance(params, dict)
    waiting = [part for name, part in params.items() if name != "arguments"] if is_call else [params]
    values = len(waiting)
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            part = list(part.values())
        if isinstance(part, list):
            values += len(part)
            if values > MAX_ENVELOPE_VALUES:
                what = "params, a tool's arguments not counted, hold"
                raise BoundExceeded(f"{what} more than {MAX_ENVELOPE_VALUES:,} values")
            waiting += part
