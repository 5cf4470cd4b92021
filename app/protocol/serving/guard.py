"""What the handlers ask before they show or serve anything: who may see it, who may use it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mcp_types import INVALID_PARAMS

from app.access.declaration import Access
from app.protocol.wire.errors import Failed, Unknown

LIST_TTL_MS = 300_000
"""How long a client may keep what depends on no caller: a deployment changes it, nothing else does."""


class Guarded(Protocol):
    """Anything that is offered to callers: a tool, prompt, resource or template."""

    @property
    def name(self) -> str: ...
    @property
    def access(self) -> Access: ...


@dataclass(frozen=True, slots=True)
class Visible:
    shown: tuple[bool, ...]
    """Parallel to what was asked about."""
    ttl_ms: int
    """How long a client may keep a list made of it."""


@dataclass(frozen=True, slots=True)
class Denied:
    hidden: bool
    """Answer exactly as for something that does not exist."""
    text: str
    """For the caller, readable; not used if hidden."""


class Guard(Protocol):
    """Decides for the caller of the request that is being served."""

    async def visible(self, accesses: Sequence[Access]) -> Visible:
        """Of which the caller's lists show what is offered."""

    async def admit(self, offered: Guarded) -> Denied | None:
        """Before a call, a get, a read or a completion; None: go on.

        Raises:
            ScopeMissing: the client can have its user grant what is missing; it becomes an HTTP 403.
        """

    async def check(self, offered: Guarded, arguments: Mapping[str, Any]) -> Denied | None:
        """After the arguments were validated, of what has `access.checks`; else as `admit`."""


def enforce(denied: Denied | None) -> None:
    """Raises: Unknown or Failed, where the guard denied."""
    if denied is not None:
        raise Unknown if denied.hidden else Failed(INVALID_PARAMS, denied.text)
