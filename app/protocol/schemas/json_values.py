"""What JSON can hold, and how a value is written as text for a model to read."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

from app.authoring.errors import ContentError

MAX_INDENTED_CHARACTERS = 16_384
"""Longer JSON is sent without indentation; counted without it."""
MAX_INDENTATION_FACTOR = 8
"""JSON that indentation would make longer than this many times is sent without it."""

_PLAIN = (str, int, bytes)


def require_finite(value: Any) -> None:
    """Look for numbers that JSON cannot hold, at any depth. Pydantic would write them as null.

    Raises:
        ContentError: the value is or contains infinity or NaN (RFC 8259 section 6 has neither).
    """
    if value is None or isinstance(value, _PLAIN):
        return
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ContentError(
                "its result holds a number that is infinite or not a number (NaN), which JSON cannot say"
            )
        return
    for part in _direct_parts(value):
        # The same test as above, without a call: a result may hold thousands of texts.
        if not isinstance(part, _PLAIN):
            require_finite(part)


def _direct_parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, list | tuple | set | frozenset):
        return value
    if isinstance(value, BaseModel):
        return {**value.__dict__, **(value.model_extra or {})}.values()
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    return ()


def write_text(value: Any) -> str:
    """The text of a result that no schema describes: a text as it is, everything else as JSON."""
    if isinstance(value, str):
        return value
    try:
        return write_json_text(to_jsonable_python(value, by_alias=True, fallback=str))
    except UnicodeDecodeError:  # bytes that are not UTF-8
        return write_json_text(to_jsonable_python(value, by_alias=True, bytes_mode="base64", fallback=str))


def write_json_text(written: Any) -> str:
    """JSON with indentation, which models read more easily, unless that makes it much longer.

    Each line of a deeply nested value begins with its indentation: 300 kB would become 60 MB.
    """
    try:
        compact = to_json(written).decode()
        if len(compact) > MAX_INDENTED_CHARACTERS:
            return compact
        indented = to_json(written, indent=2).decode()
    except PydanticSerializationError:  # a lone surrogate, which ASCII escapes can write
        compact = json.dumps(written, separators=(",", ":"))
        if len(compact) > MAX_INDENTED_CHARACTERS:
            return compact
        indented = json.dumps(written, indent=2)
    return indented if len(indented) <= MAX_INDENTATION_FACTOR * len(compact) else compact
