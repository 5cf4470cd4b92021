"""The handle of background work: sealed as request state is, and good for one caller alone."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from mcp.server.request_state import InvalidRequestState

from app.audit.record import get_record
from app.auth.session import get_session
from app.protocol.asking.request_state import RequestState

_MEMBER = "work"
"""No request state has this member, so neither can be taken for the other."""
_PREFIX = "arn:"


class UnknownWork(Exception):
    """No such work exists for this caller: forged, another caller's, expired, or never begun."""


@dataclass(frozen=True, slots=True)
class Handle:
    """What a handle stands for."""

    arn: str
    """Of the durable execution."""
    tool: str
    until: int
    """Until when it can be used, in seconds since the epoch."""


class Handles:
    """Seals and opens handles. The key is that of request state, so all environments share it."""

    def __init__(self, state: RequestState, issuer: str, audience: str, clock: Callable[[], float]) -> None:
        """`issuer` is that of the settings: each token that is let in has it, and an API key has none."""
        self._state = state
        self._server = [issuer, audience]
        self._clock = clock

    async def seal(self, handle: Handle) -> str:
        """The handle as the caller gets it."""
        members = [handle.arn.removeprefix(_PREFIX), handle.tool, handle.until, self.describe_caller()]
        return await self._state.seal_bytes(json.dumps({_MEMBER: members}, separators=(",", ":")).encode())

    async def open(self, sealed: str) -> Handle:
        """What the handle of this caller stands for.

        Raises:
            UnknownWork: for all others alike; only the record says why.
        """
        try:
            arn, tool, until, caller = json.loads(await self._state.unseal(sealed))[_MEMBER]
        except (InvalidRequestState, KeyError):
            raise refuse("work_unreadable") from None
        if caller != self.describe_caller():
            raise refuse("work_caller")
        if self._clock() >= until:
            raise refuse("work_expired")
        return Handle(f"{_PREFIX}{arn}", tool, until)

    def describe_caller(self) -> str:
        """A digest. The organisation is a part of it: work that began in one must not be seen from another.

        An API key has an id of its own as its client id, so neither another key nor a login of its owner is alike.
        """
        session = get_session()
        caller = [*self._server, session.kind, session.user_id, session.client_id, session.organization_id]
        digest = hashlib.sha256(json.dumps(caller).encode()).digest()
        return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


def refuse(reason: str) -> UnknownWork:
    """The error for the caller, after the reason is in the record."""
    get_record().mark_denied(reason)
    return UnknownWork()
