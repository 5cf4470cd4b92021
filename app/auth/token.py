"""A bearer token as a signed JWT: our rules decide about its header, PyJWT parses it and checks its signature."""

import base64
import json
import re
from dataclasses import dataclass

from jwt import PyJWK, PyJWS
from jwt.exceptions import InvalidSignatureError, PyJWTError

from app.auth.refusals import Reason, TokenRefused

ALGORITHM = "RS256"
"""The only algorithm that is accepted; the token never chooses it (RFC 8725 section 3.1)."""
MAX_TOKEN_BYTES = 8192
"""AuthKit's tokens have about 1 KiB; API Gateway takes 10,240 bytes of headers in all."""

# RFC 7515 section 7.1: three parts, and section 2: base64url without padding. PyJWT also takes padding.
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)
_TYPES = {"jwt", "at+jwt"}
_JWS = PyJWS(algorithms=[ALGORITHM])


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A token whose header passed every rule. Its payload is not yet read, its signature not yet checked."""

    key_id: str
    compact: str

    def read_claims(self, key: PyJWK) -> dict[str, object]:
        """Check the signature with `key`, then read the payload.

        Raises:
            TokenRefused: for a wrong signature, or a payload that is not a JSON object.
        """
        try:
            # `decode` checks the signature before it returns. It reads the same header as _check_header did.
            payload: bytes = _JWS.decode(self.compact, key, algorithms=[ALGORITHM])
        except InvalidSignatureError:
            raise TokenRefused(Reason.SIGNATURE) from None
        except (PyJWTError, RecursionError):
            # Such as a last character with unused bits (RFC 4648 section 3.5), or b64 without crit (RFC 7797).
            raise TokenRefused(Reason.NOT_A_JWT) from None
        return _read_json_object(payload)


def parse_token(token: str) -> SignedToken:
    """Check the form of the token and its header, before any key is looked up or fetched.

    Raises:
        TokenRefused: with the rule that the token or its header breaks.
    """
    if len(token.encode()) > MAX_TOKEN_BYTES:
        raise TokenRefused(Reason.TOKEN_TOO_LONG)
    match = _COMPACT.fullmatch(token)
    if match is None:
        raise TokenRefused(Reason.NOT_A_JWT)
    header, payload, signature = match.groups()
    key_id = _check_header(_read_json_object(_decode_base64url(header)))
    if len(payload) % 4 == 1 or len(signature) % 4 == 1:  # RFC 4648 section 4: base64 never has this length
        raise TokenRefused(Reason.NOT_A_JWT)
    return SignedToken(key_id, token)


def _check_header(header: dict[str, object]) -> str:
    """Return the key id of a header that passes every rule.

    jku, x5u, x5c and jwk are ignored: the key comes from the issuer's JWK set, by its id.
    """
    if header.get("alg") != ALGORITHM:
        raise TokenRefused(Reason.ALGORITHM)
    if "crit" in header:  # RFC 7515 section 4.1.11: this server understands no extension
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


def _decode_base64url(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise TokenRefused(Reason.NOT_A_JWT) from None


def _read_json_object(data: bytes) -> dict[str, object]:
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError):  # deep nesting raises RecursionError, which is not a ValueError
        raise TokenRefused(Reason.NOT_A_JWT) from None
    if not isinstance(value, dict):
        raise TokenRefused(Reason.NOT_A_JWT)
    return value
