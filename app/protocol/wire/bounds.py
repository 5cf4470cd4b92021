"""How much JSON one body may hold. It is counted before it is parsed: what is parsed is a hundred times as large.

A body of 4 MiB is text and numbers to one caller, and two million empty lists to another. Bytes bound neither the
memory nor the time that parsing and validating take; the number of values, of lists and objects, and the depth do.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

MAX_VALUES = 150_000
"""JSON values in one body: some megabytes of numbers or short texts."""
MAX_CONTAINERS = 20_000
"""Lists and objects among them: each may become a model, and an error for each of its fields."""
MAX_DEPTH = 200
"""Lists and objects inside one another. Pydantic follows 255, in an answer that repeats its argument too."""
MAX_ENVELOPE_VALUES = 1_000
"""JSON values in a request besides a tool's arguments, which the SDK's models validate: 18 kB and 64 us each."""

_STRUCTURE = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class BoundExceeded(ValueError):
    """More JSON than is read; the message says of what, and how much is."""


class NestedTooDeep(BoundExceeded):
    """Lists and objects inside one another, more than are followed."""

    def __init__(self) -> None:
        super().__init__(f"lists and objects are nested deeper than {MAX_DEPTH} levels")


@dataclass(slots=True)
class JsonAllowance:
    """What several JSON texts of one request may hold together."""

    values: int = MAX_VALUES
    containers: int = MAX_CONTAINERS

    def take(self, text: bytes) -> None:
        """Count one JSON text, in a time that depends on its length alone. What is not JSON may count as anything.

        Raises:
            BoundExceeded: there is more in it than is left.
        """
        values, containers = _upper_bounds(text)
        if values > self.values or containers > min(self.containers, MAX_DEPTH):
            values, containers = self._count(text)
        self.values -= values
        self.containers -= containers

    def _count(self, text: bytes) -> tuple[int, int]:
        outside = self._without_texts(text)
        values, containers = _upper_bounds(outside)
        if containers > MAX_DEPTH:
            # The depth of so many lists as are allowed: what has more is refused anyway.
            brackets = outside.translate(None, _STRUCTURE)[: 2 * MAX_CONTAINERS]
            if max(accumulate(map(_STEPS.__getitem__, brackets))) > MAX_DEPTH:
                raise NestedTooDeep
        if containers > self.containers:
            raise BoundExceeded(f"there are more than {MAX_CONTAINERS:,} lists and objects")
        if values > self.values:
            raise _too_many_values()
        return values, containers

    def _without_texts(self, text: bytes) -> bytes:
        """Commas and brackets inside texts are no structure."""
        # Outside of texts JSON has no backslash: what remains after these two are the quotes around texts.
        bare = text.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in text else text
        # Each value may be a text and have a name.
        if bare.count(b'"') > 4 * self.values:
            raise _too_many_values()
        return b"".join(bare.split(b'"')[::2])


def _upper_bounds(text: bytes) -> tuple[int, int]:
    """Values and containers: a value stands at the beginning, after a bracket or after a comma."""
    containers = text.count(b"[") + text.count(b"{")
    return 1 + containers + text.count(b","), containers


def _too_many_values() -> BoundExceeded:
    return BoundExceeded(f"there are more than {MAX_VALUES:,} values")


def require_small_envelope(method: str, params: Any) -> None:
    """What the SDK's models read of a request: all but a tool's arguments, which its function's own model reads.

    Raises:
        BoundExceeded: it holds more values than any client of the protocol sends.
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
