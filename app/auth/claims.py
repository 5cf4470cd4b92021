"""Claims as they come out of a verified token: typed reads, and a read-only view."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from app.auth.refusals import Reason, TokenRefused

Claims = Mapping[str, object]


def required_text(claims: Claims, name: str) -> str:
    """A claim that must be a non-empty string."""
    value = claims.get(name)
    if value is None:
        raise TokenRefused(Reason.MISSING_CLAIM, detail=name)
    if not isinstance(value, str) or not value:
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail=name)
    return value


def optional_text(claims: Claims, name: str) -> str | None:
    """A claim that is absent, null or a string; an empty string counts as absent."""
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise TokenRefused(Reason.MALFORMED_CLAIM, detail=name)
    return value or None


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


def read_only(value: Any) -> Any:
    """The same JSON value with nothing in it that can be changed."""
    if isinstance(value, dict):
        return MappingProxyType({str(key): read_only(item) for key, item in value.items()})
    if isinstance(value, list):
        return tuple(read_only(item) for item in value)
    return value
