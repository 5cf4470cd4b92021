"""`Complete`: how an argument of a prompt, or a variable of a resource's URI, is completed while it is typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin


@dataclass(frozen=True, slots=True)
class Complete:
    """`year: Annotated[int, Complete(years)]`: the function's answers are offered for the argument.

    It takes what has been typed so far and returns strings, the best first; a client is shown 100 of them
    at most. Further parameters that are named like other arguments get what is filled in there already, so
    they need a default; injected ones, such as `session: CurrentSession`, are filled as in a tool.
    An argument that is a `Literal` or an enum needs no function: its values are offered as they are.
    """

    function: Callable[..., Any]


def completion_of(hint: Any) -> Complete | None:
    """How an argument of this type is completed."""
    origin, parts = get_origin(hint), get_args(hint)
    if isinstance(hint, Complete):
        return hint
    if origin is Literal:
        return _one_of([value for value in parts if isinstance(value, str)])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _one_of([member.value for member in hint if isinstance(member.value, str)])
    if origin in (Annotated, Union, UnionType):
        # What Annotated adds stands before what the type itself would offer.
        extras = reversed([*parts, *getattr(hint, "__metadata__", ())]) if origin is Annotated else parts
        return next((found for part in extras if (found := completion_of(part)) is not None), None)
    return None


def _one_of(values: Sequence[str]) -> Complete:
    async def starting_with(prefix: str) -> list[str]:
        return [value for value in values if value.casefold().startswith(prefix.casefold())]

    return Complete(starting_with)
