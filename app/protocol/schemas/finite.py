"""Numbers that JSON has no word for: infinity and NaN, which would be sent as null."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel

from app.authoring.errors import ContentError

_PLAIN = (str, int, bytes)


def require_finite(value: Any) -> None:
    """Whatever it is nested in.

    Raises:
        ContentError: one of them is in it.
    """
    if value is None or isinstance(value, _PLAIN):
        return
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ContentError(
                "its result holds a number that is infinite or not a number (NaN), which JSON cannot say"
            )
        return
    for part in _parts(value):
        # Not called for nothing: a result may have thousands of texts.
        if not isinstance(part, _PLAIN):
            require_finite(part)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, list | tuple | set | frozenset):
        return value
    if isinstance(value, BaseModel):
        return {**value.__dict__, **(value.model_extra or {})}.values()
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    return ()
