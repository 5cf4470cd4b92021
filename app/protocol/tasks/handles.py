"""The handle of background work: sealed as request state is, and good for one caller alone."""

import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass

from mcp.server.request_state import InvalidRequestState

from app.audit.record import get_record
from app.auth.session import get_session
from app.protocol.asking.request_state import RequestState
from app.protocol.tasks.packed_arn import PackedArn

_MARK = b"w"
"""The first byte of what is sealed. Request state has another one, so neither can be taken for the other."""
_CALLER_BYTES = 12
_HEAD = struct.Struct(f"!c{_CALLER_BYTES}sI")
"""The mark, the digest of the caller, and `until`."""


class UnknownWork(Exception):
    """No such work exists for this caller: forged, another caller's, expired, or never begun."""


@dataclass(frozen=True, slots=True)
class Handle:
    """What a handle stands for."""

    arn: str
    """Of the durable execution."""
    until: int
    """Until when it can be used, in seconds since the epoch."""


class Handles:
    """Seals and opens handles. The key is that of request state, so all environments share it."""

    def __init__(
        self, state: RequestState, issuer: str, audience: str, worker: str, clock: Callable[[], float]
    ) -> None:
        """`issuer` is that of the settings: each token that is let in has it, and an API key has none.

        `worker` is WORKER_FUNCTION. What it says of an ARN is not in the handles, so they are good for it alone,
        but in each of its versions: every release has another one.
        """
        self._state = state
        self._server = [issuer, audience, worker.rpartition(":")[0]]
        self._arns = PackedArn(worker)
        self._clock = clock

    async def seal(self, handle: Handle) -> str:
        """The handle as the caller gets it."""
        head = _HEAD.pack(_MARK, self.describe_caller(), handle.until)
        return await self._state.seal_bytes(head + self._arns.pack(handle.arn))

    async def open(self, sealed: str) -> Handle:
        """What the handle of this caller stands for.

        Raises:
            UnknownWork: for all others alike; only the record says why.
        """
        try:
            content = await self._state.unseal(sealed)
            mark, caller, until = _HEAD.unpack_from(content)
            arn = self._arns.unpack(content[_HEAD.size :])
        except (InvalidRequestState, struct.error, ValueError):  # the last two: another release has sealed it
            raise refuse("work_unreadable") from None
        if mark != _MARK:
            raise refuse("work_unreadable")
        if caller != self.describe_caller():
            raise refuse("work_caller")
        if self._clock() >= until:
            raise refuse("work_expired")
        return Handle(arn, until)

    def describe_caller(self) -> bytes:
        """A digest. The organisation is a part of it: work that began in one must not be seen from another.

        An API key has an id of its own as its client id, so neither another key nor a login of its owner is alike.
        """
        session = get_session()
        caller = [*self._server, session.kind, session.user_id, session.client_id, session.organization_id]
        return hashlib.sha256(json.dumps(caller).encode()).digest()[:_CALLER_BYTES]


def refuse(reason: str) -> UnknownWork:
    """The error for the caller, after the reason is in the record."""
    get_record().mark_denied(reason)
    return UnknownWork()
