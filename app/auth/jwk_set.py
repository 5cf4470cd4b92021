"""A JWK set read: the keys that may have signed an access token."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from app.auth.fetch import FetchFailed


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
        key = RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
    except Exception:  # noqa: BLE001 - many ways to be no key, all of them mean the same
        return None
    # RFC 7518 section 3.3: 2048 bits or more.
    return key if key.key_size >= 2048 else None


def _number(value: Any) -> int:
    """Of its base64url form (RFC 7518 section 2, "Base64urlUInt")."""
    return int.from_bytes(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
