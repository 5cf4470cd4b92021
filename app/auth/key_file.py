"""The key set that was deployed with the code: a JWK set with its issuer and the time of its fetch."""

import json
import logging
from pathlib import Path

from app.auth.fetch import FetchFailed
from app.auth.jwk_set import read_jwk_set
from app.auth.key_snapshot import KeySnapshot

logger = logging.getLogger(__name__)

_LAST_SECOND = 2.0**53
"""A number that is larger, or none at all, could make a set that is never too old."""


def read_key_file(file: Path | None, issuer: str) -> KeySnapshot | None:
    """None if there is no such file, or no set of this issuer's in it. Its age is judged when it is used."""
    if file is None:
        return None
    try:
        document = file.read_bytes()
    except OSError:
        return None
    try:
        return _read(document, issuer)
    except (FetchFailed, ValueError) as problem:
        # No start may fail for it: the keys are fetched then.
        logger.warning("deployed signing keys are not used", extra={"reason": "key_file", "detail": str(problem)})
        return None


def _read(document: bytes, issuer: str) -> KeySnapshot:
    keys = read_jwk_set(document)  # RFC 7517 section 5: a JWK set may have further members
    told = json.loads(document)
    if told.get("issuer") != issuer:
        raise ValueError("another issuer")
    fetched_at = told.get("fetched_at")
    if type(fetched_at) not in {int, float} or not 0 <= fetched_at < _LAST_SECOND:
        raise ValueError("no time of its fetch")
    return KeySnapshot(float(fetched_at), keys, "deployment")
