"""A token taken apart, with nothing about it proved."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

Members = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Decoded:
    header: Members
    claims: Members | None
    """None where the payload is no JSON object."""
    signing_input: bytes
    signature: bytes


def decode(token: str) -> Decoded | None:
    """The parts of a signed JWT in compact form (RFC 7515 section 3.1); None if it is none."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts) or not token.isascii():
        return None
    header, claims, signature = (_bytes(part) for part in parts)
    fields = _object(header)
    if fields is None or claims is None or signature is None:
        return None
    return Decoded(fields, _object(claims), ".".join(parts[:2]).encode(), signature)


def _bytes(part: str) -> bytes | None:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None


def _object(data: bytes | None) -> Members | None:
    try:
        value = json.loads((data or b"").decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
