"""Verify tokens of this stand-in."""

import jwt
from jwt.types import Options

from infra.local.authkit.expiring import Clock
from infra.local.authkit.signing_keys import Claims, SigningKeys

# The injected clock checks the times below; the resource server checks `aud`.
UNCHECKED: Options = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
LATEST_EXPIRY_SECONDS = 2.0**53  # since 1970; infinity is not allowed
TEXTS = ("sub", "jti", "sid", "org_id", "client_id", "scope")


def verified_claims(keys: SigningKeys, token: str, issuer: str, clock: Clock) -> Claims | None:
    """The claims of a token that this stand-in signed and that has not expired; None for any other text.

    A token to which the minting hook gave a form that AuthKit never has counts as foreign.
    """
    try:
        key = keys.find(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            return None
        public = key.private.public_key()
        claims: Claims = jwt.decode(token, public, algorithms=["RS256"], issuer=issuer, options=UNCHECKED)
    except (jwt.InvalidTokenError, RecursionError):
        return None
    expires = claims.get("exp")
    is_live = isinstance(expires, int | float) and expires > clock()
    return claims if is_live and _has_form(claims) else None


def _has_form(claims: Claims) -> bool:
    texts = all(isinstance(claims.get(name, ""), str) for name in TEXTS)
    return texts and "sub" in claims and all(_is_time(claims.get(name)) for name in ("exp", "iat"))


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LATEST_EXPIRY_SECONDS
