"""Make and rotate REQUEST_STATE_KEY: base64url keys, comma separated. The first encrypts, all decrypt."""

import secrets

MAX_OLD_KEYS = 2
"""Old keys that stay behind the new one, so request state survives two rotations."""


def make_key() -> str:
    return secrets.token_urlsafe(32)


def rotate(value: str) -> str:
    """Put a new key in front of the newest old ones, which still decrypt what they encrypted."""
    old = [key.strip() for key in value.split(",") if key.strip()]
    return ",".join([make_key(), *old[:MAX_OLD_KEYS]])
