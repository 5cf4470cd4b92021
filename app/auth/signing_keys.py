"""AuthKit's signing keys: fetched once, kept over warm invocations, and kept through an outage."""

import asyncio
import logging
import math
from collections.abc import Callable, Mapping

from jwt import PyJWK

from app.auth.fetch import Fetch, FetchFailed
from app.auth.jwk_set import read_jwk_set
from app.auth.key_snapshot import KeySnapshot, take_snapshot
from app.auth.refusals import KeysUnavailable, Reason, TokenRefused
from app.auth.renewal import Renewal

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
FREEZE = FETCH_SECONDS + 1
"""Seconds that no fetch takes, unless Lambda froze it between two invocations."""


class SigningKeys:
    """The key set of one issuer. `clock` is wall time: a frozen environment's monotonic clock stands still.

    A snapshot serves until this environment has fetched for itself, and no longer than any old keys.
    """

    def __init__(
        self, url: str, fetch: Fetch, clock: Callable[[], float], snapshot: KeySnapshot | None = None
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._keys: Mapping[str, PyJWK] = {}
        self._succeeded_at = -math.inf
        self._attempted_at = -math.inf
        self._failing = False
        self._snapshot: KeySnapshot | None = None
        self._is_told = True
        # Single-flight: who waited for the lock looks again before fetching.
        self._lock = asyncio.Lock()
        self._renewal = Renewal(lambda: self._refresh_if(self._is_due), clock, FETCH_SECONDS)
        self._hold(snapshot)

    def known(self, key_id: str) -> PyJWK | None:
        """The key with this kid, if it can be used as things are: nothing has to be fetched or waited for."""
        if self._snapshot and not self._is_told:
            self._is_told = True
            self._snapshot.tell(self._clock(), usable=not self._is_too_old())
        if self._is_due() or self._is_too_old():
            return None
        return self._keys.get(key_id)

    async def find(self, key_id: str) -> PyJWK:
        """The public key with this kid.

        Raises:
            TokenRefused: the issuer has no such key.
            KeysUnavailable: that cannot be known, because the keys cannot be fetched.
        """
        if (key := self.known(key_id)) is not None:
            return key
        if not self._is_renewed_behind():
            await self._renewal.stop()
            await self._refresh_if(self._is_due)
        if self._is_too_old():
            raise self._unavailable(FAILURE_COOL_DOWN)
        if key_id not in self._keys:
            await self._refresh_if(lambda: key_id not in self._keys and self._is_cooled_down())
        if key_id in self._keys:
            return self._keys[key_id]
        if self._failing:
            # The key may be newer than what we hold: an outage is never told as a bad token.
            raise self._unavailable(UNKNOWN_KEY_COOL_DOWN)
        raise TokenRefused(Reason.UNKNOWN_KEY)

    async def prepare_snapshot(self) -> None:
        """Fetch for the environments that will be restored from the snapshot that comes next."""
        self._hold(await take_snapshot(self._url, self._fetch, self._clock, seconds=FETCH_SECONDS))

    async def close(self) -> None:
        """End what goes on behind the calls."""
        await self._renewal.stop()

    def _hold(self, snapshot: KeySnapshot | None) -> None:
        if snapshot is not None:
            self._snapshot, self._is_told = snapshot, False
            self._keys, self._succeeded_at = snapshot.keys, snapshot.fetched_at

    def _is_renewed_behind(self) -> bool:
        """Whether the keys are of a snapshot that may serve while a refresh goes on, which begins here."""
        return self._snapshot is not None and self._is_due() and not self._is_too_old() and self._renewal.begin()

    def _is_due(self) -> bool:
        if 0 <= self._clock() - self._succeeded_at < TTL:
            return False
        return not self._failing or self._quiet_for() >= FAILURE_COOL_DOWN

    def _is_too_old(self) -> bool:
        now = self._clock()
        # Our own clock may be set back; the time of a snapshot is only what somebody wrote.
        foreign = self._snapshot is not None and self._snapshot.is_of_the_future(now)
        return foreign or now - self._succeeded_at >= MAX_STALE

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
        asked_at, keys, failure = self._clock(), {}, ""
        try:
            keys = read_jwk_set(await self._fetch(self._url, seconds=FETCH_SECONDS))
        except FetchFailed as failed:
            failure = str(failed)
        if self._snapshot and self._clock() - asked_at > FREEZE:
            return  # frozen behind the calls: an answer is no news by now, and a failure not AuthKit's
        self._failing, self._attempted_at = not keys, self._clock()
        if not keys:
            logger.warning("signing keys could not be fetched", extra={"reason": "jwks_fetch", "detail": failure})
            return
        # The whole set is replaced: a key that AuthKit no longer lists is gone.
        self._keys, self._snapshot, self._succeeded_at = keys, None, self._attempted_at
        logger.info("signing keys fetched", extra={"keys": len(keys)})
