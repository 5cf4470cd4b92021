"""Tokens that were verified a moment ago: the same token again is not verified again.

What is remembered is a hash of the whole token, so only the very same bytes are found, signature included. A
verdict is good for as long as the very key that proved it is the issuer's, and the token's times are looked at
each time. Refusals are not remembered: what is refused now may be good a second later.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from app.auth.session import Session

MOST = 256
"""Tokens that are remembered at a time."""
LONGEST = 4096
"""Characters of a token that is remembered: with MOST it bounds the memory."""


@dataclass(frozen=True, slots=True)
class Verdict:
    session: Session
    key_id: str
    key: RSAPublicKey
    """The object itself: each fetch of the keys makes new ones, so a verdict outlives none."""


class RememberedTokens:
    """Least recently used goes first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._verdicts: OrderedDict[bytes, Verdict] = OrderedDict()

    def find(self, token: str) -> Verdict | None:
        key = _hash(token)
        verdict = self._verdicts.get(key)
        if verdict is not None:
            self._verdicts.move_to_end(key)
        return verdict

    def keep(self, token: str, verdict: Verdict) -> None:
        if len(token) > LONGEST:
            return
        self._verdicts[_hash(token)] = verdict
        if len(self._verdicts) > self._most:
            self._verdicts.popitem(last=False)

    def __len__(self) -> int:
        return len(self._verdicts)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
