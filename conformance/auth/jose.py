"""Tokens and keys as JOSE writes them: unlike a library, this also writes what no issuer would."""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from jwt.algorithms import RSAAlgorithm


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_jwk(kid: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"}


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return pem(key.public_key())


def pem(key: rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def compact(
    header: object, claims: object, key: rsa.RSAPrivateKey, digest: hashes.HashAlgorithm | None = None
) -> str:
    """RSASSA-PKCS1-v1_5 over anything at all; SHA-256 unless said otherwise."""
    signing_input = f"{encoded(header)}.{encoded(claims)}"
    signature = key.sign(signing_input.encode(), padding.PKCS1v15(), digest or hashes.SHA256())
    return f"{signing_input}.{base64url(signature)}"


def hmac_compact(header: object, claims: object, secret: bytes) -> str:
    """HS256: the attack in which a public key is the secret (RFC 8725 section 2.1)."""
    signing_input = f"{encoded(header)}.{encoded(claims)}"
    return f"{signing_input}.{base64url(hmac_code(signing_input.encode(), secret))}"


def hmac_code(signing_input: bytes, secret: bytes) -> bytes:
    code = hmac.HMAC(secret, hashes.SHA256())
    code.update(signing_input)
    return code.finalize()


def encoded(part: object) -> str:
    """One part of a token; bytes are taken as they are."""
    return base64url(part if isinstance(part, bytes) else json.dumps(part).encode())


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(part: str) -> bytes:
    """The bytes of one part.

    Raises:
        ValueError: if it is no base64.
    """
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
