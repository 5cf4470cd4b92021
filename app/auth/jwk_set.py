"""A JWK set, read by PyJWT: the keys that may have signed an access token."""

import json

from jwt import PyJWK

from app.auth.fetch import FetchFailed
from app.auth.token import ALGORITHM

MIN_KEY_BITS = 2048
"""RFC 7518 section 3.3."""


def read_jwk_set(document: bytes) -> dict[str, PyJWK]:
    """Return the RS256 signature keys of a JWK set (RFC 7517 section 5) by key id; skip all other keys.

    Raises:
        FetchFailed: if the document is not a JWK set, or holds no usable key.
    """
    try:
        listed = json.loads(document)["keys"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise FetchFailed("not a JWK set") from None
    keys: dict[str, PyJWK] = {}
    for jwk in listed if isinstance(listed, list) else []:
        if isinstance(jwk, dict) and _is_signature_key(jwk) and (key := _read_public_key(jwk)):
            keys.setdefault(jwk["kid"], key)
    if not keys:
        raise FetchFailed("no usable key in the JWK set")
    return keys


def _is_signature_key(jwk: dict[str, object]) -> bool:
    # RFC 7517 section 4: use, key_ops and alg are optional.
    return (
        jwk.get("kty") == "RSA"
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", ALGORITHM) == ALGORITHM
        and isinstance(operations := jwk.get("key_ops", ["verify"]), list)
        and "verify" in operations
        and isinstance(jwk.get("kid"), str)
        and bool(jwk["kid"])
    )


def _read_public_key(jwk: dict[str, object]) -> PyJWK | None:
    numbers = {name: jwk.get(name) for name in ("n", "e")}
    # PyJWT raises no error of its own for a number that is not ASCII text. What is not base64url fails below.
    if not all(isinstance(number, str) and number.isascii() for number in numbers.values()):
        return None
    try:
        # Only these members: a private part, if somebody publishes one, is never read.
        key = PyJWK({"kty": "RSA", **numbers}, ALGORITHM)
    except Exception:  # noqa: BLE001 - PyJWT and cryptography refuse a bad key in many ways
        return None
    return key if key.key.key_size >= MIN_KEY_BITS else None
