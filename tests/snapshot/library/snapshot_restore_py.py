"""Stands for the library in Lambda's Python runtimes: registers hooks, and runs them as AWS says."""

from collections.abc import Callable
from typing import Any

_before: list[Callable[[], Any]] = []
_after: list[Callable[[], Any]] = []


def register_before_snapshot(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
    _before.append(lambda: function(*args, **kwargs))
    return function


def register_after_restore(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
    _after.append(lambda: function(*args, **kwargs))
    return function


def forget() -> None:
    """All that was registered."""
    _before.clear()
    _after.clear()


def run_before_snapshot() -> None:
    while _before:
        _before.pop()()  # in reverse order of registration


def run_after_restore() -> None:
    for function in _after:
        function()
