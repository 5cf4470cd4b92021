"""What belongs to the exchange that runs now, in one context variable; and the base of every text for a caller.

A room declares a `Slot` for its own value, so this file needs to know no other room.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[..., Any])


class CallerError(Exception):
    """An error whose message is written for the caller, who reads it as it is.

    The text of every other exception stays in the log: it may quote a secret, or another caller's data.
    """


# The mapping is replaced and never changed. So a task, a thread or a generator that an earlier call left behind
# keeps the values of its own call, and cannot change those of another one.
_values: ContextVar[Mapping["Slot[Any]", Any]] = ContextVar("exchange", default=MappingProxyType({}))


class Slot(Generic[T]):
    """The place of one value of the exchange, such as its session. Outside of an exchange it is empty."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return f"Slot({self._name!r})"

    def get(self) -> T:
        """The value of the exchange that runs now.

        Raises:
            LookupError: nothing was bound. It never falls back to the value of another exchange.
        """
        try:
            value: T = _values.get()[self]
        except KeyError:
            raise LookupError(f"no {self._name} is bound: this code runs outside of an exchange") from None
        return value

    def find(self) -> T | None:
        """The same value, or None where nothing was bound."""
        return _values.get().get(self)

    def bind(self, value: T) -> T:
        """Make it the value for the rest of this context, and return it."""
        _values.set({**_values.get(), self: value})
        return value

    @contextmanager
    def bound(self, value: T) -> Iterator[T]:
        """Make it the value inside of a `with` block; afterwards the value from before is back."""
        token = _values.set({**_values.get(), self: value})
        try:
            yield value
        finally:
            _values.reset(token)


_ON_LOOP = "__runs_on_loop__"


def on_loop(function: Function) -> Function:
    """Mark a sync getter that only reads memory: as a dependency it runs on the event loop.

    All other sync dependencies may block, so they run in a worker thread, which takes a tenth of a millisecond.
    """
    setattr(function, _ON_LOOP, True)
    return function


def runs_on_loop(function: Callable[..., Any]) -> bool:
    """Whether `on_loop` marked it."""
    return getattr(function, _ON_LOOP, False)
