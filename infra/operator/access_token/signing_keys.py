"""Read the keys of AuthKit's JWK set with which a server can verify RS256."""

import json

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import InvalidKeyError
from jwt.algorithms import RSAAlgorithm

from infra.operator.access_token.decoded import Decoded

_RS256 = RSAAlgorithm(RSAAlgorithm.SHA256)
_DEFAULTS = {"use": "sig", "alg": "RS256"}


def read_keys(document: bytes) -> dict[str, RSAPublicKey]:
    """Read the usable keys by kid; empty if the document is not a JWK set."""
    try:
        listed = json.loads(document)["keys"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return {}
    found = (
        (jwk, _read_key(jwk)) for jwk in (listed if isinstance(listed, list) else []) if isinstance(jwk, dict)
    )
    return {str(jwk["kid"]): key for jwk, key in reversed(list(found)) if key is not None}


def is_signed_by(token: Decoded, key: RSAPublicKey) -> bool:
    return _RS256.verify(token.signing_input, key, token.signature)


def _read_key(jwk: dict[str, object]) -> RSAPublicKey | None:
    if jwk.get("kty") != "RSA" or not jwk.get("kid") or any(jwk.get(k, v) != v for k, v in _DEFAULTS.items()):
        return None
    try:
        key = RSAAlgorithm.from_jwk({name: str(jwk[name]) for name in ("kty", "n", "e")})
    except (InvalidKeyError, KeyError, ValueError, TypeError):
        return None
    # RFC 7518 section 3.3
    return key if isinstance(key, RSAPublicKey) and key.key_size >= 2048 else None
