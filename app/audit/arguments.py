"""What a record says of a call's arguments: their names, and the values that the author chose to show."""

import math
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, TypeAlias

from pydantic_core import to_jsonable_python

from app.audit.printable import printable

LIMIT = 200
"""Characters of a value that is shown."""

Scalar: TypeAlias = str | int | float | bool | None


class Described(NamedTuple):
    """Arguments without what is not to be seen; in the order of `ExchangeRecord.arguments`."""

    names: tuple[str, ...]
    """The parameters that were given."""
    shown: Mapping[str, Scalar]
    """The values of those whose author said so."""
    unknown: int
    """How many names are no parameter: those are the caller's own text, and not repeated."""


def describe(given: Mapping[str, Any], known: Collection[str], shown: Collection[str] = ()) -> Described:
    """What the record may say; `known` are the names in the input schema, `shown` those with a value to show."""
    names = tuple(name for name in given if name in known)
    values = {name: show(given[name]) for name in shown if name in given and name in known}
    return Described(names, values, len(given) - len(names))


def describe_unchecked(given: Mapping[str, Any], known: Collection[str], shown: Collection[str] = ()) -> Described:
    """The same before the values are validated: of those with a value to show, only whether it is a list or an
    object. What does not fit a parameter may be anything, a password in the wrong field too."""
    names, _, unknown = describe(given, known)
    kinds = {name: show(given[name]) for name in shown if name in names and _has_members(given[name])}
    return Described(names, kinds, unknown)


def show(value: Any) -> Scalar:
    """The value if it is small and plain, else what kind of value it is.

    Of a date, a UUID, a member of an enumeration or the like it is what JSON has for it.
    """
    if _has_members(value):
        return "[object]" if isinstance(value, dict) else "[array]"
    if value is not None and not isinstance(value, str | int | float):
        try:
            value = to_jsonable_python(value)
        except Exception:  # noqa: BLE001 - a type of the author's own
            return "[object]"
    return "[object]" if _has_members(value) else _scalar(value)


def _has_members(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset | dict)


def _scalar(value: str | float | None) -> Scalar:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return printable(value, LIMIT)
    if isinstance(value, int):
        return value if abs(value) < 2**63 else "[number]"  # it may have thousands of digits
    return value if math.isfinite(value) else "[number]"  # JSON has no infinity, which 1e999 is read as
