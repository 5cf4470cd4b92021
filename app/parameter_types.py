"""Parameters that no caller could fill, and types that none may: the session, and what is injected elsewhere."""

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from fastapi.params import Depends
from pydantic import BaseModel

from app.auth import Session


def problem_of(parameter: inspect.Parameter, hints: Mapping[str, Any], word: str) -> str | None:
    """Why the parameter cannot be an argument, with the fix; `word` says of what, such as "tool"."""
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        return f"cannot be a {word} argument; give it a name and a type of its own, without * or /"
    if parameter.name not in hints:
        return f"has no type; write {parameter.name}: str, for example"
    if is_forgeable(hints[parameter.name]):
        # As an argument it would be the caller's to choose.
        return "would let a caller say who they are; write session: CurrentSession, and nothing around it"
    return None


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
