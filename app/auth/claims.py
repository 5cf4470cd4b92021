"""Claims as they come out of a verified token: typed reads, and a read-only view."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app.auth.refusals import Reason, TokenRefused

Claims = Mapping[str, object]
MAX_CLAIM_DEPTH = 32
"""Lists and objects inside one another in one claim. A template of WorkOS makes a handful."""


def required_text(claims: Claims, name: str) -> str:
    """A claim that must be a non-empty string."""
    value = claims.get(name)
    if value is None:
        raise TokenRefused(Reason.MISSING_CLAIM, detail=name)
    if not isinstance(value, str) or not value or not _is_unicode(value):
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail=name)
    return value


def optional_text(claims: Claims, name: str) -> str | None:
    """A claim that is absent, null or a string; an empty string counts as absent."""
    value = claims.get(name)
    if value is not None and not (isinstance(value, str) and _is_unicode(value)):
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail=name)
    return value or None


def _is_unicode(text: str) -> bool:
    """Not half of a surrogate pair, which JSON can escape (RFC 8259 section 8.2) and no log line can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def required_time(claims: Claims, name: str) -> float:
    """A NumericDate (RFC 7519 section 2): seconds since the epoch, finite; a boolean is no number."""
    value = claims.get(name)
    if value is None:
        raise TokenRefused(Reason.MISSING_CLAIM, detail=name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail=name)
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds):
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail=name)
    return seconds


def text_list(claims: Claims, name: str) -> tuple[str, ...]:
    """A claim that a JWT template may render as one string, as a list, or not at all."""
    value = claims.get(name)
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list):
        return tuple(item for item in value if isinstance(item, str) and item)
    return ()


def read_only(value: Any, *, levels: int = MAX_CLAIM_DEPTH) -> Any:
    """The same JSON value with nothing in it that can be changed.

    Raises:
        TokenRefused: it is nested deeper than any claim has to be. Python's own limit would be an answer 500.
    """
    if not isinstance(value, dict | list):
        return value
    if levels == 0:
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail="nesting")
    if isinstance(value, dict):
        return MappingProxyType({str(key): read_only(item, levels=levels - 1) for key, item in value.items()})
    return tuple(read_only(item, levels=levels - 1) for item in value)
