"""API keys of WorkOS as bearer tokens: WorkOS says whether a key is valid, and the answer is used for a minute.

A key has no dot, a JWT has two: that decides who looks at a token, before anything else does. A key is never
parsed as a JWT and never logged, and no JWT is ever sent to WorkOS. This file keeps no key: it finds its answers
by a digest that only this process can compute.
"""

import asyncio
import hashlib
import logging
import math
import os
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal, Protocol, TypeVar

from app.auth.refusals import ApiKeyUnchecked, Reason, TokenRefused
from app.auth.session import Session

logger = logging.getLogger(__name__)

Value = TypeVar("Value")

REFUSAL_SECONDS = 10.0
"""For so long a refused key is refused again without asking WorkOS."""
FAILURE_PAUSE_SECONDS = 5.0
"""After WorkOS could not be asked, no call waits for another attempt for this long."""
MAX_REMEMBERED_KEYS = 1000
"""Answers of each kind, valid and refused, that one environment keeps; the one unused for longest goes first."""
MAX_UNKNOWN_KEYS = 30
"""Refused keys that one environment may ask WorkOS about at once."""
UNKNOWN_KEY_SECONDS = 2.0
"""After so long it may ask about one more."""
NEVER_EXPIRES = 253402300799.0
"""`expires_at` of a key without expiry: the last second of the year 9999, so that it is still a date."""

# WorkOS does not document the form of a key; its examples are sk_ and letters and digits. All others are refused
# without a request.
_KEY = re.compile(r"[A-Za-z0-9_-]{16,256}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What WorkOS says about a valid key. Times are seconds since the epoch."""

    id: str
    owner: Literal["user", "organization"]
    owner_id: str
    organization_id: str
    """The owner, or the only organisation in which a user's key works."""
    permissions: frozenset[str]
    created_at: float
    expires_at: float | None


class KeyUncheckable(Exception):
    """WorkOS cannot say now whether a key is valid; the cause is in the log.

    Args:
        concerns_all: the next key would have the same fate, because WorkOS or the way to it is broken.
    """

    def __init__(self, *, concerns_all: bool = True) -> None:
        super().__init__("WorkOS cannot be asked about a key")
        self.concerns_all = concerns_all


class ValidateKey(Protocol):
    """How the room asks WorkOS. It is injected, because the room that has WorkOS' client is above this one."""

    async def __call__(self, value: str) -> ApiKey | None:
        """Return the key; None if WorkOS does not accept it.

        Raises:
            KeyUncheckable: WorkOS gave no answer, or not as its documentation says.
        """
        ...


class ApiKeys:
    """Verifies API keys. `clock` gives wall time: the monotonic clock stands still while Lambda freezes us."""

    def __init__(self, validate: ValidateKey, clock: Callable[[], float], memory_seconds: float) -> None:
        """`memory_seconds` is how long a valid key is used before WorkOS is asked again."""
        self._validate = validate
        self._clock = clock
        self._memory_seconds = memory_seconds
        self._valid: OrderedDict[bytes, _Answer] = OrderedDict()
        self._refused: OrderedDict[bytes, float] = OrderedDict()
        self._budget = _UnknownKeyBudget(clock)
        self._failed_at = -math.inf
        # One question at a time for each key: a call that waited for the lock looks for the answer again.
        self._locks: dict[bytes, asyncio.Lock] = {}

    async def verify(self, value: str) -> Session:
        """Return the caller that the key proves.

        Raises:
            TokenRefused: the text cannot be a key, or WorkOS does not accept it.
            ApiKeyUnchecked: WorkOS cannot be asked now. The key may be valid.
        """
        if not _KEY.fullmatch(value):
            raise TokenRefused(Reason.NOT_AN_API_KEY)
        digest = hashlib.blake2b(value.encode(), key=self._digest_key, digest_size=32).digest()
        if (session := self._recall(digest)) is not None:
            return session
        lock = self._locks.setdefault(digest, asyncio.Lock())
        try:
            async with lock:
                return self._recall(digest) or await self._ask(digest, value)
        finally:
            if not lock.locked():
                self._locks.pop(digest, None)

    @cached_property
    def _digest_key(self) -> bytes:
        # Made on first use: made at the start, all environments of one SnapStart snapshot would share it.
        return os.urandom(32)

    def _recall(self, digest: bytes) -> Session | None:
        """Return the caller if WorkOS accepted the key a moment ago.

        Raises:
            TokenRefused: WorkOS refused it a moment ago.
        """
        now = self._clock()
        answer = self._valid.get(digest)
        if answer is not None and answer.may_be_used(now, self._memory_seconds):
            self._valid.move_to_end(digest)
            return answer.session
        # Below zero: the clock was set back, so the age is unknown.
        if 0 <= now - self._refused.get(digest, -math.inf) < REFUSAL_SECONDS:
            raise TokenRefused(Reason.API_KEY_REFUSED)
        return None

    async def _ask(self, digest: bytes, value: str) -> Session:
        self._refuse_during_outage()
        # A key that was valid here before is asked about again even during a flood of unknown ones.
        is_known = digest in self._valid
        if not is_known:
            self._budget.take()
        try:
            key = await self._validate(value)
        except KeyUncheckable as failure:
            if failure.concerns_all:
                self._failed_at = self._clock()
            raise ApiKeyUnchecked(Reason.API_KEY_UNCHECKED, FAILURE_PAUSE_SECONDS) from None
        session = None if key is None else build_session(key)
        if session is None or session.expires_at <= self._clock():
            self._valid.pop(digest, None)
            _store(self._refused, digest, self._clock())
            raise TokenRefused(Reason.API_KEY_REFUSED)
        if not is_known:
            self._budget.give_back()
            logger.info("API key accepted", extra={"api_key_id": session.client_id})
        self._refused.pop(digest, None)
        _store(self._valid, digest, _Answer(session, self._clock()))
        return session

    def _refuse_during_outage(self) -> None:
        pause = self._failed_at + FAILURE_PAUSE_SECONDS - self._clock()
        if 0 < pause <= FAILURE_PAUSE_SECONDS:
            raise ApiKeyUnchecked(Reason.API_KEY_UNCHECKED, pause)


def build_session(key: ApiKey) -> Session:
    """Make the caller of a valid key. An organisation's key stands for nobody, so its own id is the caller's."""
    return Session(
        user_id=key.owner_id if key.owner == "user" else key.id,
        session_id=None,
        organization_id=key.organization_id,
        role=None,
        roles=(),
        permissions=key.permissions,
        feature_flags=frozenset(),
        scopes=frozenset(),
        client_id=key.id,
        token_id=key.id,
        issued_at=key.created_at,
        expires_at=NEVER_EXPIRES if key.expires_at is None else key.expires_at,
        is_machine=False,
        api_key_owner=key.owner,
        claims=MappingProxyType({}),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    session: Session
    asked_at: float

    def may_be_used(self, now: float, memory_seconds: float) -> bool:
        return 0 <= now - self.asked_at < memory_seconds and now < self.session.expires_at


def _store(memory: OrderedDict[bytes, Value], digest: bytes, value: Value) -> None:
    """Keep the value as the one that was used last, and drop the one that was not used for longest."""
    memory[digest] = value
    memory.move_to_end(digest)
    if len(memory) > MAX_REMEMBERED_KEYS:
        memory.popitem(last=False)


class _UnknownKeyBudget:
    """How many unknown keys WorkOS may be asked about: a flood of them must not use up WorkOS' rate limit.

    A key that turns out to be valid is given back, so that callers with good keys never use the budget up.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._left = float(MAX_UNKNOWN_KEYS)
        self._counted_at = -math.inf

    def take(self) -> None:
        """Raises: ApiKeyUnchecked, if nothing is left."""
        now = self._clock()
        # Below zero: the clock was set back.
        passed = max(0.0, now - self._counted_at)
        self._left = min(MAX_UNKNOWN_KEYS, self._left + passed / UNKNOWN_KEY_SECONDS)
        self._counted_at = now
        if self._left < 1:
            raise ApiKeyUnchecked(Reason.API_KEY_FLOOD, (1 - self._left) * UNKNOWN_KEY_SECONDS)
        self._left -= 1

    def give_back(self) -> None:
        self._left += 1
