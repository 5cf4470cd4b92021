"""`Complete`: suggestions for an argument of a prompt, or a variable of a resource's URI, while the user types."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin


@dataclass(frozen=True, slots=True)
class Complete:
    """`year: Annotated[int, Complete(years)]`: clients suggest what `years` returns.

    The function takes the text typed so far and returns strings, the best first; the server sends the first 100
    (MCP completion). A further parameter that is named like another argument gets the value that the user gave
    there; it needs a default, because there may be none yet. Parameters such as `session: CurrentSession` are
    injected as in a tool. An argument that is a `Literal` or an enum needs no function: its values are suggested.
    """

    function: Callable[..., Any]


def find_completion(hint: Any) -> Complete | None:
    """How an argument of this type is completed; None if nothing says it."""
    origin, parts = get_origin(hint), get_args(hint)
    if isinstance(hint, Complete):
        return hint
    if origin is Literal:
        return _complete_from([value for value in parts if isinstance(value, str)])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _complete_from([member.value for member in hint if isinstance(member.value, str)])
    if origin in (Annotated, Union, UnionType):
        # A Complete inside Annotated wins over the values of the type that it annotates.
        extras = reversed([*parts, *getattr(hint, "__metadata__", ())]) if origin is Annotated else parts
        return next((found for part in extras if (found := find_completion(part)) is not None), None)
    return None


def _complete_from(values: Sequence[str]) -> Complete:
    async def starting_with(prefix: str) -> list[str]:
        return [value for value in values if value.casefold().startswith(prefix.casefold())]

    return Complete(starting_with)
