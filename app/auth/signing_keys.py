"""AuthKit's signing keys: fetched once, used for many calls, and kept through an outage of AuthKit."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context

from jwt import PyJWK

from app.auth.fetch import Fetch, FetchFailed
from app.auth.jwk_set import read_jwk_set
from app.auth.key_snapshot import KeySnapshot, fetch_snapshot
from app.auth.refusals import KeysUnavailable, Reason, TokenRefused

logger = logging.getLogger(__name__)

FRESH_SECONDS = 3600.0
"""After a successful fetch, the keys are used for this long without asking AuthKit again."""
MAX_STALE_SECONDS = 24 * 3600.0
"""While AuthKit cannot be reached, the keys of the last successful fetch are used for this long."""
UNKNOWN_KEY_PAUSE_SECONDS = 30.0
"""An unknown key id causes a fetch only this long after the last one: random ids must not flood AuthKit."""
FAILURE_PAUSE_SECONDS = 5.0
"""After a failed fetch, no call waits for another one for this long."""
FETCH_SECONDS = 3.0
"""What one fetch may take in total."""
FROZEN_AFTER_SECONDS = FETCH_SECONDS + 1
"""A fetch that seems to take longer was frozen by Lambda between two invocations."""


class SigningKeys:
    """The key set of one issuer.

    `clock` gives wall time: the monotonic clock stands still while Lambda freezes the environment. A snapshot is
    used until this environment has fetched for itself, and no longer than any other stale keys.
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
        self._is_logged = True
        # One fetch at a time: a call that waited for the lock checks again whether a fetch is still needed.
        self._lock = asyncio.Lock()
        self._background = BackgroundRefresh(lambda: self._refresh_if(self._is_due), clock, FETCH_SECONDS)
        self._use_snapshot(snapshot)

    async def find(self, key_id: str) -> PyJWK:
        """Return the public key with this id, and fetch the key set first if that is needed.

        Raises:
            TokenRefused: the issuer has no such key.
            KeysUnavailable: that is not known, because the keys cannot be fetched.
        """
        if (key := self.peek(key_id)) is not None:
            return key
        if not self._may_leave_refresh_to_background():
            await self._background.stop()
            await self._refresh_if(self._is_due)
        if self._is_too_old():
            raise self._unavailable(FAILURE_PAUSE_SECONDS)
        if key_id not in self._keys:
            await self._refresh_if(lambda: key_id not in self._keys and self._may_ask_for_unknown_key())
        if key_id in self._keys:
            return self._keys[key_id]
        if self._failing:
            # The key may be newer than our set: an outage must not be answered as a bad token.
            raise self._unavailable(UNKNOWN_KEY_PAUSE_SECONDS)
        raise TokenRefused(Reason.UNKNOWN_KEY)

    def peek(self, key_id: str) -> PyJWK | None:
        """Return the key with this id if it may be used now, without any fetch."""
        if self._snapshot and not self._is_logged:
            self._is_logged = True
            self._snapshot.log_first_use(self._clock(), usable=not self._is_too_old())
        if self._is_due() or self._is_too_old():
            return None
        return self._keys.get(key_id)

    async def prepare_snapshot(self) -> None:
        """Fetch the keys before Lambda takes its snapshot, for the environments that are restored from it."""
        self._use_snapshot(await fetch_snapshot(self._url, self._fetch, self._clock, seconds=FETCH_SECONDS))

    async def close(self) -> None:
        """End the refresh that may run in the background."""
        await self._background.stop()

    def _use_snapshot(self, snapshot: KeySnapshot | None) -> None:
        if snapshot is not None:
            self._snapshot, self._is_logged = snapshot, False
            self._keys, self._succeeded_at = snapshot.keys, snapshot.fetched_at

    def _may_leave_refresh_to_background(self) -> bool:
        """Ask for a background refresh of a snapshot's keys; return whether they may be used meanwhile."""
        if self._snapshot is None or not self._is_due() or self._is_too_old():
            return False
        return self._background.request()

    def _is_due(self) -> bool:
        if 0 <= self._clock() - self._succeeded_at < FRESH_SECONDS:
            return False
        return not self._failing or self._since_last_attempt() >= FAILURE_PAUSE_SECONDS

    def _is_too_old(self) -> bool:
        now = self._clock()
        # If our own clock is set back, keys only seem younger. The time in a snapshot may simply be wrong.
        is_wrong = self._snapshot is not None and self._snapshot.is_from_the_future(now)
        return is_wrong or now - self._succeeded_at >= MAX_STALE_SECONDS

    def _may_ask_for_unknown_key(self) -> bool:
        return self._since_last_attempt() >= UNKNOWN_KEY_PAUSE_SECONDS

    def _since_last_attempt(self) -> float:
        """Return the seconds since the last fetch of any kind, failed ones included."""
        age = self._clock() - self._attempted_at
        # After the clock was set back, the pause must not last for as long as the clock was wrong.
        return age if age >= 0 else math.inf

    def _unavailable(self, pause: float) -> KeysUnavailable:
        wait = pause - self._since_last_attempt()
        return KeysUnavailable(retry_after=max(1, math.ceil(wait)) if math.isfinite(wait) else 1)

    async def _refresh_if(self, is_needed: Callable[[], bool]) -> None:
        if not is_needed():
            return
        async with self._lock:
            if is_needed():
                await self._refresh()

    async def _refresh(self) -> None:
        # A caller that is cancelled during the fetch changes nothing here: the next caller fetches for itself.
        asked_at, keys, failure = self._clock(), {}, ""
        try:
            keys = read_jwk_set(await self._fetch(self._url, seconds=FETCH_SECONDS))
        except FetchFailed as failed:
            failure = str(failed)
        if self._snapshot and self._clock() - asked_at > FROZEN_AFTER_SECONDS:
            # Lambda froze us mid-fetch, while a snapshot's keys were in use. Ignore the result: it is stale, and
            # a failure is not AuthKit's fault.
            return
        self._failing, self._attempted_at = not keys, self._clock()
        if not keys:
            logger.warning("signing keys could not be fetched", extra={"reason": "jwks_fetch", "detail": failure})
            return
        # Replace the whole set, so that a key that AuthKit no longer lists is gone.
        self._keys, self._snapshot, self._succeeded_at = keys, None, self._attempted_at
        logger.info("signing keys fetched", extra={"keys": len(keys)})


class BackgroundRefresh:
    """One task that refreshes the keys while calls go on with those of a snapshot.

    `clock` gives wall time: Lambda freezes the task between two invocations.
    """

    def __init__(
        self, refresh: Callable[[], Awaitable[None]], clock: Callable[[], float], max_seconds: float
    ) -> None:
        self._refresh = refresh
        self._clock = clock
        self._max_seconds = max_seconds
        self._task: asyncio.Task[None] | None = None
        self._requested_at: float | None = None

    def request(self) -> bool:
        """Ask for the refresh; return whether it still has time, so that the caller need not wait for it.

        The first call only notes that a refresh is due; the second starts it. Connecting costs 40 ms of CPU, and
        the first answer of an environment should not pay for it.
        """
        if self._requested_at is None:
            self._requested_at = self._clock()
            return True
        has_time = 0 <= self._clock() - self._requested_at < self._max_seconds
        if has_time and self._task is None:
            # An empty context: the task works for many callers, so it must not carry the data of this one.
            self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())
        return has_time

    async def stop(self) -> None:
        """End the task. After a freeze its connection may be dead without any error."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _run(self) -> None:
        try:
            await self._refresh()
        except Exception:
            # A defect in our code: the first call that has to wait for a refresh will raise it again.
            logger.exception("signing keys could not be renewed")
