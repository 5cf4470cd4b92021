"""Tokens of connected accounts, kept in this environment for a minute at most, and never longer than they live."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

Token = TypeVar("Token")
Owner: TypeAlias = Literal["user", "organization"]
"""Whose account it is: the caller's own, or the one that an administrator shares with the organisation."""

TOKEN_MEMORY_SECONDS = 60.0
"""How long a token is used without asking WorkOS: for so long one that was disconnected elsewhere still works."""
EXPIRY_MARGIN_SECONDS = 30.0
"""A token that ends sooner is not kept: it could end in the middle of the next call."""
MAX_REMEMBERED_TOKENS = 1000
"""The oldest is dropped first."""


@dataclass(frozen=True, slots=True)
class WhoseAccount:
    """An account: who has it, for which organisation, at which provider. Two callers never share a key."""

    provider: str
    user_id: str
    organization_id: str | None
    owner: Owner


class TokenMemory(Generic[Token]):
    """`clock` gives wall time: it goes on while Lambda freezes this environment."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: dict[WhoseAccount, tuple[Token, float, float]] = {}

    def find(self, whose: WhoseAccount) -> Token | None:
        entry = self._entries.get(whose)
        if entry is None:
            return None
        token, begin, end = entry
        # After the clock was set back, the age of a token is unknown.
        return token if begin <= self._clock() < end else None

    def put(self, whose: WhoseAccount, token: Token, expires_at: float | None) -> None:
        """`expires_at` is the end of the token in seconds since the epoch, None if it has none."""
        now = self._clock()
        end = now + TOKEN_MEMORY_SECONDS
        if expires_at is not None:
            end = min(end, expires_at - EXPIRY_MARGIN_SECONDS)
        while len(self._entries) >= MAX_REMEMBERED_TOKENS:
            del self._entries[next(iter(self._entries))]
        self._entries[whose] = (token, now, end)

    def forget(self, whose: WhoseAccount) -> None:
        self._entries.pop(whose, None)
