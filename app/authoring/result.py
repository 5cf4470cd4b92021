"""A tool's result of several parts: data for programs, content for the model, and what is for a view alone.
And a whole number in that data, or in a parameter, which JavaScript would round."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from app.authoring.content import Content
from app.authoring.values import check_meta

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """`-> Result[Report]` has Report's output schema, and content of the author's choice beside it."""

    structured: T
    content: str | Content | Sequence[str | Content] = ()
    """Text in it stands where the JSON of `structured` would; without any text, that JSON goes before it."""
    meta: Mapping[str, Any] | None = None
    """Reaches the client and its views, and never the model."""

    def __post_init__(self) -> None:
        check_meta(self.meta)

    @property
    def parts(self) -> tuple[str | Content, ...]:
        return (self.content,) if isinstance(self.content, str | Content) else tuple(self.content)


# Python itself reads 4300 digits at most, unless it is told otherwise.
_WHOLE_NUMBER = re.compile("-?[0-9]{1,4300}")


def _whole_number(given: Any) -> Any:
    """As the schema says it; a client that sends a JSON number is understood too."""
    if isinstance(given, bool) or (isinstance(given, str) and not _WHOLE_NUMBER.fullmatch(given)):
        raise ValueError('should be a whole number as text, such as "9007199254740993"')
    return given


BigInt: TypeAlias = Annotated[
    int,
    BeforeValidator(_whole_number),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^-?[0-9]+$"}),
]
"""An int that travels as text: clients in JavaScript round numbers over 2**53 (RFC 8259 section 6)."""
