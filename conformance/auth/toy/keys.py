"""The toy's copy of the issuer's key set."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from conformance.auth.toy.flaws import Flaws

FETCH_SECONDS = 0.5
STRANGE_BEFORE_FETCH = 12
"""Unknown keys that must have come since the last fetch: a cool-down without a clock."""

Fetch = Callable[[str], Awaitable[Any]]
"""The JSON document at a URL; raises OSError if there is none."""


class KeysUnavailable(Exception):
    """The issuer cannot be asked."""


class Keys:
    def __init__(self, url: str, fetch: Fetch, flaws: Flaws) -> None:
        self._url, self._fetch, self._flaws = url, fetch, flaws
        self._keys: dict[str, RSAPublicKey] = {}
        self._strange = 0
        self._failed = False

    async def find(self, kid: str) -> RSAPublicKey | None:
        if not self._keys or "keys-kept" in self._flaws or "warm-known-key" in self._flaws:
            await self.refresh()
        if kid not in self._keys:
            self._strange += 1
            if self._may_ask():
                await self._ask_again()
        return self._keys.get(kid)

    def _may_ask(self) -> bool:
        if "keys-rotation" in self._flaws:
            return False
        return self._strange > STRANGE_BEFORE_FETCH or "keys-no-flood" in self._flaws

    async def _ask_again(self) -> None:
        try:
            await self.refresh()
        except KeysUnavailable:
            if "warm-new-key" not in self._flaws:
                raise

    async def refresh(self) -> None:
        if self._failed and "cold-recovery" in self._flaws:
            raise KeysUnavailable
        self._strange = 0
        try:
            async with asyncio.timeout(None if "cold-hang" in self._flaws else FETCH_SECONDS):
                document = await self._fetch(self._url)
        except (OSError, TimeoutError):
            self._failed = True
            raise KeysUnavailable from None
        found = dict(self._usable(document["keys"]))
        self._keys = {**self._keys, **found} if "keys-withdrawn" in self._flaws else found

    def _usable(self, listed: list[Any]) -> list[tuple[str, RSAPublicKey]]:
        usable = []
        for jwk in listed:
            if jwk.get("kty") == "RSA" and "n" in jwk:
                usable.append((jwk["kid"], public_key(jwk)))
            elif "keys-odd" in self._flaws:
                return []
        return usable


def public_key(jwk: Any) -> RSAPublicKey:
    key = RSAAlgorithm.from_jwk(jwk)
    assert isinstance(key, RSAPublicKey)
    return key
