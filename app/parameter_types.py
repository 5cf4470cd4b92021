"""Types that a caller must never be able to send: the session, and anything that is injected elsewhere."""

import dataclasses
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from fastapi.params import Depends
from pydantic import BaseModel

from app.auth import Session


def is_forgeable(hint: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether a value of this type would let a client say who it is.

    True for Session, for Depends anywhere but at the top, and for models that contain either.
    """
    if hint is Session or isinstance(hint, Depends):
        return True
    if hint in seen:
        return False
    return any(is_forgeable(part, seen | {hint}) for part in _parts(hint))


def _parts(hint: Any) -> Iterator[Any]:
    yield from get_args(hint) if get_origin(hint) is not Annotated else (*get_args(hint), *hint.__metadata__)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from (field.annotation for field in hint.model_fields.values())
        yield from (extra for field in hint.model_fields.values() for extra in field.metadata)
    elif isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield from (field.type for field in dataclasses.fields(hint))
