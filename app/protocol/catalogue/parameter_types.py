"""Parameters that no caller could fill, and types that none may: the session, and what is injected elsewhere."""

import dataclasses
import inspect
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from fastapi.params import Depends
from pydantic import AliasChoices, AliasPath, BaseModel
from pydantic.fields import FieldInfo

from app.auth.session import Session


def problem_of(parameter: inspect.Parameter, hints: Mapping[str, Any], word: str) -> str | None:
    """Why the parameter cannot be an argument, with the fix; `word` says of what, such as "tool"."""
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        return f"cannot be a {word} argument; give it a name and a type of its own, without * or /"
    if parameter.name not in hints:
        return f"has no type; write {parameter.name}: str, for example"
    if is_forgeable(hints[parameter.name]):
        # As an argument it would be the caller's to choose.
        return "would let a caller say who they are; write session: CurrentSession, and nothing around it"
    if not isinstance(wire_name(parameter, hints), str):
        return 'has several aliases, or a path; an argument has one name: write Field(alias="...")'
    if (model := next(_hiding(hints[parameter.name]), None)) is not None:
        return (
            f"has a field of {model} that is found by an AliasPath, which no schema can show; give it an alias "
            "that is one name"
        )
    return None


def wire_name(parameter: inspect.Parameter, hints: Mapping[str, Any]) -> str | AliasPath | AliasChoices:
    """By which name callers give it: its alias, as pydantic reads one, or its own."""
    hint = hints.get(parameter.name)
    extras = getattr(hint, "__metadata__", ())  # of Annotated
    aliases = [
        each.validation_alias
        for each in (*extras, parameter.default)
        if isinstance(each, FieldInfo) and each.validation_alias is not None
    ]
    return aliases[-1] if aliases else parameter.name


def _hiding(hint: Any) -> Iterator[str]:
    """Models inside it with a field that is shown under a name by which it cannot be given."""
    for part in _inside(hint):
        if isinstance(part, type) and issubclass(part, BaseModel):
            aliases = [field.validation_alias for field in part.model_fields.values()]
            if any(isinstance(each, AliasPath) for each in aliases):
                yield part.__name__


def is_forgeable(hint: Any) -> bool:
    """Whether a value of this type would let a client say who it is.

    True for Session, for Depends anywhere but at the top, and for models that contain either.
    """
    return any(part is Session or isinstance(part, Depends) for part in _inside(hint))


def _inside(hint: Any) -> Iterator[Any]:
    """It, and all that it is made of, each once: models that share models double the ways at each level."""
    seen: dict[int, Any] = {}  # by identity: what Annotated adds need not be hashable
    ahead = [hint]
    while ahead:
        part = ahead.pop()
        if id(part) not in seen:
            seen[id(part)] = part
            ahead += _parts(part)
            yield part


def _parts(hint: Any) -> Iterator[Any]:
    yield from get_args(hint) if get_origin(hint) is not Annotated else (*get_args(hint), *hint.__metadata__)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from (field.annotation for field in hint.model_fields.values())
        yield from (extra for field in hint.model_fields.values() for extra in field.metadata)
    elif isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield from (field.type for field in dataclasses.fields(hint))
