"""A bearer token as a signed JWT in compact form (RFC 7515), RS256 alone."""

import base64
import json
import re
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from app.auth.refusals import Reason, TokenRefused

MAX_TOKEN_BYTES = 8192
"""AuthKit's tokens have about 1 KiB; API Gateway takes 10,240 bytes of headers in all."""

_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
_TYPES = {"jwt", "at+jwt"}
# RFC 7518 section 3.3
_RS256 = PKCS1v15(), SHA256()


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A well-formed token whose header passed every rule. Its payload is still unread and unproved."""

    key_id: str
    signing_input: bytes
    payload: bytes
    signature: bytes

    def claims(self, key: RSAPublicKey) -> dict[str, object]:
        """The payload, once the signature over it is proved.

        Raises:
            TokenRefused: for a wrong signature, or a payload that is no JSON object.
        """
        try:
            key.verify(self.signature, self.signing_input, *_RS256)
        except InvalidSignature:
            raise TokenRefused(Reason.SIGNATURE) from None
        return _json_object(self.payload)


def parse(token: str) -> SignedToken:
    """Split the token and check its header, before any key is looked up or fetched.

    Raises:
        TokenRefused: with the rule that the token or its header breaks.
    """
    if len(token.encode()) > MAX_TOKEN_BYTES:
        raise TokenRefused(Reason.TOKEN_TOO_LONG)
    match = _COMPACT.fullmatch(token)
    if match is None:
        raise TokenRefused(Reason.NOT_A_JWT)
    header, payload, signature = match.groups()
    key_id = _key_id(header)
    return SignedToken(key_id, token[: match.end(2)].encode(), _decode(payload), _decode(signature))


@lru_cache(maxsize=8)
def _key_id(part: str) -> str:
    """Of a header that passes every rule. All tokens of one signing key have the same."""
    header = _json_object(_decode(part))
    # jku, x5u, x5c and jwk are not read at all: the key comes from the issuer's JWKS, by kid.
    if header.get("alg") != "RS256":  # RFC 8725 section 3.1: one algorithm, never the token's choice
        raise TokenRefused(Reason.ALGORITHM)
    if "crit" in header:  # RFC 7515 section 4.1.11: none is understood here
        raise TokenRefused(Reason.CRITICAL_HEADER)
    if "typ" in header and not _is_access_token_type(header["typ"]):
        raise TokenRefused(Reason.TYPE)
    key_id = header.get("kid")
    if not isinstance(key_id, str) or not key_id:
        raise TokenRefused(Reason.NO_KEY_ID)
    return key_id


def _is_access_token_type(value: object) -> bool:
    # AuthKit sends no typ; RFC 7515 section 4.1.9 makes "application/" and letter case optional.
    return isinstance(value, str) and value.lower().removeprefix("application/") in _TYPES


def _decode(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise TokenRefused(Reason.NOT_A_JWT) from None


def _json_object(data: bytes) -> dict[str, object]:
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):  # deep nesting raises RecursionError, not ValueError
        raise TokenRefused(Reason.NOT_A_JWT) from None
    if not isinstance(value, dict):
        raise TokenRefused(Reason.NOT_A_JWT)
    return value
