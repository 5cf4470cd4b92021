"""The token check of those that have none of their own: PyJWT, its key set kept for an hour.

It verifies where it is called. A thread for each call, which some documents show, would cost them half a
millisecond and give nothing to an environment that serves one call at a time.
"""

import os
from typing import Any

import jwt

_KEYS = jwt.PyJWKClient(f"{os.environ['ISSUER']}/oauth2/jwks", lifespan=3600, timeout=3)
_RULES: dict[str, Any] = {
    "algorithms": ["RS256"],
    "audience": os.environ["RESOURCE"],
    "issuer": os.environ["ISSUER"],
    "leeway": 30,
    "options": {"require": ["exp", "iat", "iss", "aud", "sub"]},
}


def verify(token: str) -> dict[str, Any]:
    """The claims.

    Raises:
        jwt.PyJWTError: the token is not good, or the keys cannot be had.
    """
    # By its header alone: get_signing_key_from_jwt would read the claims a first time.
    key = _KEYS.get_signing_key(jwt.get_unverified_header(token).get("kid", ""))
    claims: dict[str, Any] = jwt.decode(token, key, **_RULES)
    return claims
