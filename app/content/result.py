"""A tool's result of several parts: data for programs, content for the model, and what is for a view alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.content.kinds import Content
from app.content.values import check_meta

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result(Generic[T]):
    """`-> Result[Report]` has Report's output schema, and content of the author's choice beside it."""

    structured: T
    content: str | Content | Sequence[str | Content] = ()
    """Stands where the JSON of `structured` would, which it is without any."""
    meta: Mapping[str, Any] | None = None
    """Reaches the client and its views, and never the model."""

    def __post_init__(self) -> None:
        check_meta(self.meta)

    @property
    def parts(self) -> tuple[str | Content, ...]:
        return (self.content,) if isinstance(self.content, str | Content) else tuple(self.content)
