"""For whom a piece of content or a resource is, how much it matters, and when it last changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from app.authoring.values import ContentError

Role: TypeAlias = Literal["user", "assistant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """Hints for clients (MCP annotations); none of them is a rule."""

    audience: Role | Sequence[Role] = ()
    """ "user", "assistant" (the model) or both; for both if it is not said."""
    priority: float | None = None
    """From 0 (may be left out) to 1 (needed)."""
    last_modified: datetime | None = None

    def __post_init__(self) -> None:
        if not set(self.roles) <= set(get_args(Role)):
            raise ContentError('audience is "user", "assistant" or both')
        if self.priority is not None and not 0 <= self.priority <= 1:
            raise ContentError("priority is a number from 0 to 1")
        if self.last_modified is not None and self.last_modified.tzinfo is None:
            raise ContentError("last_modified has no time zone; write datetime.now(UTC), for example")

    @property
    def roles(self) -> tuple[Role, ...]:
        return (self.audience,) if isinstance(self.audience, str) else tuple(self.audience)
