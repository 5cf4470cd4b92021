"""A key set from before this environment: of the deployment, or of the time before Lambda's snapshot."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from jwt import PyJWK

from app.auth.fetch import Fetch
from app.auth.jwk_set import read_jwk_set

logger = logging.getLogger(__name__)

LEEWAY = 30.0
"""Seconds by which the clock of whoever fetched the keys may have been ahead."""


@dataclass(frozen=True, slots=True)
class KeySnapshot:
    """Public keys, and the wall time at which the issuer was asked for them: they are no younger than that."""

    fetched_at: float
    keys: Mapping[str, PyJWK]
    source: Literal["deployment", "snapstart"]

    def is_of_the_future(self, now: float) -> bool:
        return self.fetched_at - now > LEEWAY

    def tell(self, now: float, *, usable: bool) -> None:
        """One log line, on first use: what it is."""
        told = {
            "source": self.source,
            "age": round(now - self.fetched_at),
            "keys": len(self.keys),
            "usable": usable,
        }
        logger.info("signing keys of a snapshot", extra=told)


async def take_snapshot(
    url: str, fetch: Fetch, clock: Callable[[], float], *, seconds: float
) -> KeySnapshot | None:
    """The issuer's keys of now, for the environments that will be restored; None, and no error, without them."""
    asked_at = clock()
    try:
        keys = read_jwk_set(await fetch(url, seconds=seconds))
    except Exception as error:  # noqa: BLE001 - no start may fail for it: each environment fetches for itself
        logger.warning("no signing keys for the snapshot", extra={"detail": type(error).__name__})
        return None
    logger.info("signing keys for the snapshot", extra={"keys": len(keys)})
    return KeySnapshot(asked_at, keys, "snapstart")
