"""HTTP fields that the answer of the exchange that is being served gets beside the usual ones."""

from collections.abc import Mapping
from contextvars import ContextVar

_current: ContextVar[dict[str, str]] = ContextVar("reply_fields")


def bind_reply_fields() -> Mapping[str, str]:
    """A new set, for the rest of this request's context, into which everything below may write."""
    fields: dict[str, str] = {}
    _current.set(fields)
    return fields


def add_reply_fields(fields: Mapping[str, str]) -> None:
    """Names in lower case."""
    _current.get().update(fields)
