"""Tell a token this stand-in signed, and that still lives, from any other text."""

import jwt
from jwt.types import Options

from infra.local.authkit.expiring import Clock
from infra.local.authkit.signing_keys import Claims, SigningKeys

# Time is checked by the injected clock below; `aud` is the resource server's business.
UNCHECKED: Options = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}


def verified_claims(keys: SigningKeys, token: str, issuer: str, clock: Clock) -> Claims | None:
    """The claims of a live token of ours; None for any other text."""
    try:
        key = keys.find(jwt.get_unverified_header(token).get("kid"))
        if key is None:
            return None
        public = key.private.public_key()
        claims: Claims = jwt.decode(token, public, algorithms=["RS256"], issuer=issuer, options=UNCHECKED)
    except jwt.InvalidTokenError:
        return None
    expires = claims.get("exp")
    return claims if isinstance(expires, int | float) and expires > clock() else None
