"""Decode a token without verifying anything."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

Members = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Decoded:
    header: Members
    claims: Members | None
    """None if the payload is not a JSON object."""
    signing_input: bytes
    signature: bytes


def decode(token: str) -> Decoded | None:
    """Split a signed JWT in compact form (RFC 7515 section 3.1); None if the text is not one."""
    parts = token.split(".")
    if len(parts) != 3 or not all(parts) or not token.isascii():
        return None
    header, claims, signature = (_decode_part(part) for part in parts)
    fields = _read_object(header)
    if fields is None or claims is None or signature is None:
        return None
    return Decoded(fields, _read_object(claims), ".".join(parts[:2]).encode(), signature)


def _decode_part(part: str) -> bytes | None:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None


def _read_object(data: bytes | None) -> Members | None:
    try:
        value = json.loads((data or b"").decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
