"""What a record says of a call's arguments: their names, and the values that the author chose to show."""

import math
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, TypeAlias

from pydantic_core import to_jsonable_python

MAX_VALUE_CHARACTERS = 200
"""Characters of a shown value; the rest is cut off."""

Scalar: TypeAlias = str | int | float | bool | None


class ArgumentSummary(NamedTuple):
    """The arguments of one call, as far as a log may hold them."""

    names: tuple[str, ...]
    """The parameters that were given."""
    shown: Mapping[str, Scalar]
    """The values that the author allowed, by parameter."""
    unknown: int
    """How many given names the tool has no parameter for. Callers made them up, so they are not logged."""


def summarize_arguments(
    given: Mapping[str, Any], known: Collection[str], shown: Collection[str] = ()
) -> ArgumentSummary:
    """Summarise validated arguments.

    Args:
        known: The names in the input schema.
        shown: The parameters whose values the author allowed in the log.
    """
    names = tuple(name for name in given if name in known)
    values = {name: make_loggable(given[name]) for name in shown if name in given and name in known}
    return ArgumentSummary(names, values, len(given) - len(names))


def summarize_unvalidated(
    given: Mapping[str, Any], known: Collection[str], shown: Collection[str] = ()
) -> ArgumentSummary:
    """Summarise arguments before they are validated.

    A value that does not fit its parameter may be anything, such as a password in the wrong field. So of the
    values in `shown` this tells only that one is a list or an object.
    """
    names, _, unknown = summarize_arguments(given, known)
    kinds = {name: make_loggable(given[name]) for name in shown if name in names and _has_members(given[name])}
    return ArgumentSummary(names, kinds, unknown)


def make_loggable(value: Any) -> Scalar:
    """The value if it is small and plain, else a word for its kind, such as `[array]`.

    A date, a UUID, a member of an enumeration and the like become what JSON has for them.
    """
    if _has_members(value):
        return "[object]" if isinstance(value, dict) else "[array]"
    if value is not None and not isinstance(value, str | int | float):
        try:
            value = to_jsonable_python(value)
        except Exception:  # noqa: BLE001 - a type of the author's own, which may raise anything
            return "[object]"
    return "[object]" if _has_members(value) else _make_scalar(value)


def make_printable(text: str, max_characters: int) -> str:
    """The text cut to `max_characters`, with U+FFFD in the place of each character that cannot be printed.

    A lone surrogate cannot be encoded: the whole line would be lost.
    """
    text = text[:max_characters]
    return text if text.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in text)


def _has_members(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset | dict)


def _make_scalar(value: str | float | None) -> Scalar:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return make_printable(value, MAX_VALUE_CHARACTERS)
    if isinstance(value, int):
        return value if abs(value) < 2**63 else "[number]"  # it may have thousands of digits
    return value if math.isfinite(value) else "[number]"  # JSON has no infinity (RFC 8259 section 6); 1e999 is one
