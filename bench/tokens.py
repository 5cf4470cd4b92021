"""Access tokens, signed before any clock starts: signing is the issuer's work, and dear."""

import itertools
import time

from tests.issuer import Issuer, stranger

KIB = 1024
LIFETIME = 3600
"""Seconds; longer than AuthKit's five minutes, so that a token can be repeated all through a run."""
_PADDING = "urn:example:groups"


class Tokens:
    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._numbers = itertools.count()

    def new(self, count: int, *, size: int = 0) -> list[str]:
        """Tokens that nobody has seen; `size` is their length in characters, within three."""
        padding = self._padding(size) if size else {}
        return [self._sign(**padding) for _ in range(count)]

    def expired(self, count: int) -> list[str]:
        return [self._sign(exp=int(time.time()) - 60) for _ in range(count)]

    def forged(self, count: int) -> list[str]:
        """Well-formed, with a key's id that the issuer lists, and signed by another key."""
        return [self._issuer.sign(self._claims(), key=stranger()) for _ in range(count)]

    def _sign(self, **changes: object) -> str:
        return self._issuer.sign(self._claims(**changes))

    def _claims(self, **changes: object) -> dict[str, object]:
        self._issuer.clock.now = now = time.time()
        return self._issuer.claims(
            **{"jti": f"01TOKEN{next(self._numbers):012}", "exp": int(now) + LIFETIME, **changes}
        )

    def _padding(self, size: int) -> dict[str, object]:
        # Base64 writes three bytes as four characters.
        missing = size - len(self._sign(**{_PADDING: ""}))
        assert missing >= 0, f"a token of {size} characters has no room for its claims"
        return {_PADDING: "x" * (missing * 3 // 4)}
