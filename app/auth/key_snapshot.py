"""Signing keys from before this environment: fetched for the deployment, or before Lambda's snapshot.

With them the first call of an environment need not wait for AuthKit (docs/decisions/0017-key-snapshot.md).
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from jwt import PyJWK

from app.auth.fetch import Fetch, FetchFailed
from app.auth.jwk_set import read_jwk_set

logger = logging.getLogger(__name__)

MAX_CLOCK_LEAD_SECONDS = 30.0
"""How far the clock of the machine that fetched the keys may have been ahead of ours."""
_MAX_FETCH_TIME = 2.0**53
"""Seconds since the epoch. A larger number, or infinity, would make a set that never gets too old."""


@dataclass(frozen=True, slots=True)
class KeySnapshot:
    """Public keys, and when the issuer was asked for them."""

    fetched_at: float
    """Seconds since the epoch, taken before the request: the keys are at most this old."""
    keys: Mapping[str, PyJWK]
    """By key id."""
    source: Literal["deployment", "snapstart"]

    def is_from_the_future(self, now: float) -> bool:
        """Return whether the fetch was later than our clock allows, so that the time is wrong."""
        return self.fetched_at - now > MAX_CLOCK_LEAD_SECONDS

    def log_first_use(self, now: float, *, usable: bool) -> None:
        """Write one log line about the source and the age of these keys."""
        facts = {
            "source": self.source,
            "age": round(now - self.fetched_at),
            "keys": len(self.keys),
            "usable": usable,
        }
        logger.info("signing keys of a snapshot", extra=facts)


async def fetch_snapshot(
    url: str, fetch: Fetch, clock: Callable[[], float], *, seconds: float
) -> KeySnapshot | None:
    """Fetch the issuer's keys for the environments that will be restored from Lambda's snapshot.

    Returns None if that fails: no start may fail because of it, each environment then fetches for itself.
    """
    asked_at = clock()
    try:
        keys = read_jwk_set(await fetch(url, seconds=seconds))
    except Exception as error:  # noqa: BLE001 - see the docstring
        logger.warning("no signing keys for the snapshot", extra={"detail": type(error).__name__})
        return None
    logger.info("signing keys for the snapshot", extra={"keys": len(keys)})
    return KeySnapshot(asked_at, keys, "snapstart")


def read_key_file(file: Path | None, issuer: str) -> KeySnapshot | None:
    """Read the key set that was deployed with the code.

    Returns None if there is no such file, or if it is not a key set of this issuer: the keys are then fetched.
    Whether the set is too old is decided when a key is needed.
    """
    if file is None:
        return None
    try:
        document = file.read_bytes()
    except OSError:
        return None
    try:
        return _parse_key_file(document, issuer)
    except (FetchFailed, ValueError) as problem:
        logger.warning("deployed signing keys are not used", extra={"reason": "key_file", "detail": str(problem)})
        return None


def _parse_key_file(document: bytes, issuer: str) -> KeySnapshot:
    keys = read_jwk_set(document)
    # RFC 7517 section 5: a JWK set may have further members. These two come from infra/deploy/signing_keys.py.
    members = json.loads(document)
    if members.get("issuer") != issuer:
        raise ValueError("another issuer")
    fetched_at = members.get("fetched_at")
    if type(fetched_at) not in {int, float} or not 0 <= fetched_at < _MAX_FETCH_TIME:
        raise ValueError("no time of its fetch")
    return KeySnapshot(float(fetched_at), keys, "deployment")
