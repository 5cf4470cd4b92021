"""AuthKit's signing keys: fetched once, kept over warm invocations, and kept through an outage."""

import asyncio
import json
import logging
import math
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from app.auth.fetch import Fetch, FetchFailed
from app.auth.refusals import KeysUnavailable, Reason, TokenRefused

logger = logging.getLogger(__name__)

TTL = 3600.0
"""Seconds that a key set counts as fresh."""
MAX_STALE = 24 * 3600.0
"""Seconds since the last success that old keys serve while AuthKit cannot be reached."""
UNKNOWN_KEY_COOL_DOWN = 30.0
"""Seconds between attempts that an unknown kid can cause: random kids must not become a flood on AuthKit."""
FAILURE_COOL_DOWN = 5.0
"""Seconds after a failed attempt in which nobody waits for another one."""
FETCH_SECONDS = 3.0


class SigningKeys:
    """The key set of one issuer. `clock` is wall time: a frozen environment's monotonic clock stands still."""

    def __init__(self, url: str, fetch: Fetch, clock: Callable[[], float]) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: Mapping[str, RSAPublicKey] = {}
        self._succeeded_at = -math.inf
        self._attempted_at = -math.inf
        self._failing = False
        # Single-flight: who waited for the lock looks again before fetching.
        self._lock = asyncio.Lock()

    async def find(self, key_id: str) -> RSAPublicKey:
        """The public key with this kid.

        Raises:
            TokenRefused: the issuer has no such key.
            KeysUnavailable: that cannot be known, because the keys cannot be fetched.
        """
        await self._refresh_if(self._is_due)
        if self._clock() - self._succeeded_at >= MAX_STALE:
            raise self._unavailable(FAILURE_COOL_DOWN)
        if key_id not in self._keys:
            await self._refresh_if(lambda: key_id not in self._keys and self._is_cooled_down())
        if key_id in self._keys:
            return self._keys[key_id]
        if self._failing:
            # The key may be newer than what we hold: an outage is never told as a bad token.
            raise self._unavailable(UNKNOWN_KEY_COOL_DOWN)
        raise TokenRefused(Reason.UNKNOWN_KEY)

    def _is_due(self) -> bool:
        if 0 <= self._clock() - self._succeeded_at < TTL:
            return False
        return not self._failing or self._quiet_for() >= FAILURE_COOL_DOWN

    def _is_cooled_down(self) -> bool:
        return self._quiet_for() >= UNKNOWN_KEY_COOL_DOWN

    def _quiet_for(self) -> float:
        """Seconds since the last attempt of any kind."""
        age = self._clock() - self._attempted_at
        # A clock that was set back must not silence us for as long as it was wrong.
        return age if age >= 0 else math.inf

    def _unavailable(self, cool_down: float) -> KeysUnavailable:
        wait = cool_down - self._quiet_for()
        return KeysUnavailable(retry_after=max(1, math.ceil(wait)) if math.isfinite(wait) else 1)

    async def _refresh_if(self, wanted: Callable[[], bool]) -> None:
        if not wanted():
            return
        async with self._lock:
            if wanted():
                await self._refresh()

    async def _refresh(self) -> None:
        # A caller that is cancelled meanwhile leaves no trace: the next one tries for itself.
        try:
            keys = usable_keys(await self._fetch(self._url, seconds=FETCH_SECONDS))
        except FetchFailed as failure:
            self._failing, self._attempted_at = True, self._clock()
            logger.warning(
                "signing keys could not be fetched", extra={"reason": "jwks_fetch", "detail": str(failure)}
            )
            return
        # The whole set is replaced: a key that AuthKit no longer lists is gone.
        self._keys, self._failing = keys, False
        self._succeeded_at = self._attempted_at = self._clock()
        logger.info("signing keys fetched", extra={"keys": len(keys)})


def usable_keys(document: bytes) -> dict[str, RSAPublicKey]:
    """The RSA signature keys of a JWK set (RFC 7517) by kid; a key of another kind is passed over.

    Raises:
        FetchFailed: if the document is no JWK set or holds no usable key.
    """
    try:
        listed = json.loads(document)["keys"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise FetchFailed("not a JWK set") from None
    keys: dict[str, RSAPublicKey] = {}
    for jwk in listed if isinstance(listed, list) else []:
        if isinstance(jwk, dict) and _is_rs256_key(jwk) and (key := _public_key(jwk)):
            keys.setdefault(jwk["kid"], key)
    if not keys:
        raise FetchFailed("no usable key in the JWK set")
    return keys


def _is_rs256_key(jwk: dict[str, object]) -> bool:
    return (
        jwk.get("kty") == "RSA"
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", "RS256") == "RS256"
        and isinstance(operations := jwk.get("key_ops", ["verify"]), list)
        and "verify" in operations
        and isinstance(jwk.get("kid"), str)
        and bool(jwk["kid"])
    )


def _public_key(jwk: dict[str, object]) -> RSAPublicKey | None:
    try:
        # n and e alone: a private part, if somebody publishes one, is not read.
        key = RSAAlgorithm.from_jwk({"kty": "RSA", "n": jwk["n"], "e": jwk["e"]})
    except Exception:  # noqa: BLE001 - many ways to be no key, all of them mean the same
        return None
    # RFC 7518 section 3.3: 2048 bits or more.
    return key if isinstance(key, RSAPublicKey) and key.key_size >= 2048 else None
