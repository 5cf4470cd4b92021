"""The value of REQUEST_STATE_KEY: base64url keys, comma separated; the first seals, all open."""

import secrets

KEPT = 2
"""Old keys behind the new one: what was sealed before two rotations still opens."""


def new_key() -> str:
    return secrets.token_urlsafe(32)


def rotated(value: str) -> str:
    """A new key in front of the newest old ones, which go on opening what they sealed."""
    old = [key.strip() for key in value.split(",") if key.strip()]
    return ",".join([new_key(), *old[:KEPT]])
