"""HTTP fields that the answer of the exchange that is being served gets beside the usual ones."""

from collections.abc import Mapping

from app.current import Slot

_current: Slot[dict[str, str]] = Slot("reply fields")


def bind_reply_fields() -> Mapping[str, str]:
    """A new set, for the rest of this request's context, into which everything below may write."""
    return _current.bind({})


def add_reply_fields(fields: Mapping[str, str]) -> None:
    """Names in lower case."""
    _current.get().update(fields)
