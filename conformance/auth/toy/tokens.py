"""The toy's token rules."""

import json
import time
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from conformance.auth.jose import decoded, hmac_code, pem
from conformance.auth.toy.flaws import Flaws
from conformance.auth.toy.keys import Fetch, Keys, public_key

Claims = dict[str, Any]
NESTED_LEVELS = 1000
"""Where a server with that flaw gives up."""
_UNVERIFIED = {"forged-changed", "forged-wrong-key", "forged-unknown-key"}


class Refused(Exception):
    """The token is not good; the status and the error code say how it is told."""

    def __init__(self, status: int = 401, error: str = "invalid_token", scope: str = "") -> None:
        self.status, self.error, self.scope = status, error, scope


class TokenRules:
    def __init__(self, issuer: str, resource: str, keys: Keys, fetch: Fetch, flaws: Flaws) -> None:
        self._issuer, self._resource = issuer, resource
        self._keys, self._fetch, self._flaws = keys, fetch, flaws
        self._used: set[str] = set()

    async def verify(self, token: str) -> Claims:
        head, body, signature = self._split(token)
        header = self._json(head)
        await self._check_signature(header, f"{head}.{body}".encode(), decoded(signature))
        claims = self._json(body)
        if not isinstance(claims, dict):
            raise Refused
        self._check_place(claims)
        self._check_time(claims)
        if not isinstance(claims.get("sub"), str) and "claims-subject-absent" not in self._flaws:
            raise Refused
        self._check_use(claims)
        return claims

    def _split(self, token: str) -> list[str]:
        parts = token.split(".")
        if len(parts) != 3 or not parts[0]:
            raise Refused(400 if "forged-garbage" in self._flaws else 401)
        return parts

    def _json(self, part: str) -> Any:
        try:
            return self._parsed(decoded(part))
        except ValueError:
            raise Refused from None

    def _parsed(self, text: bytes) -> Any:
        # Where Python's parser gives up differs between its versions: the flaw does not lean on it.
        if "forged-nested" in self._flaws and text.count(b"[") > NESTED_LEVELS:
            raise RecursionError
        try:
            return json.loads(text)
        except RecursionError:
            raise Refused from None

    async def _check_signature(self, header: Any, signed: bytes, signature: bytes) -> None:
        if not isinstance(header, dict):
            raise Refused
        if "crit" in header and "header-critical" not in self._flaws:
            raise Refused
        self._check_type(header.get("typ"))
        key = await self._key(header)
        if self._is_let_through(header, key, signed, signature):
            return
        if header.get("alg") not in {"RS256", "RS384" if "header-algorithm" in self._flaws else "RS256"}:
            raise Refused
        digest = hashes.SHA384() if header["alg"] == "RS384" else hashes.SHA256()
        try:
            if key is None:
                raise Refused
            key.verify(signature, signed, padding.PKCS1v15(), digest)
        except InvalidSignature:
            raise Refused from None

    def _check_type(self, kind: object) -> None:
        accepted = {None, "JWT"} if "type-at-jwt" in self._flaws else {None, "JWT", "at+jwt"}
        if kind not in accepted and "header-type" not in self._flaws:
            raise Refused

    async def _key(self, header: Claims) -> RSAPublicKey | None:
        if "jwk" in header and "header-own-key" in self._flaws:
            return public_key(header["jwk"])
        if "jku" in header and "header-own-key-set" in self._flaws:
            return public_key((await self._fetch(header["jku"]))["keys"][0])
        kid = header.get("kid")
        if not isinstance(kid, str) and "header-key-id" not in self._flaws:
            raise Refused
        return await self._keys.find(kid)  # type: ignore[arg-type]

    def _is_let_through(self, header: Claims, key: RSAPublicKey | None, signed: bytes, signature: bytes) -> bool:
        """What a careless library takes for a signature."""
        if any(flaw in self._flaws for flaw in _UNVERIFIED):
            return True
        if str(header.get("alg")).lower() == "none":
            return "forged-none" in self._flaws
        if header.get("alg") == "HS256" and key is not None:
            return "forged-hmac" in self._flaws and hmac_code(signed, pem(key)) == signature
        return not signature and "forged-unsigned" in self._flaws

    def _check_place(self, claims: Claims) -> None:
        issuer = claims.get("iss")
        if "claims-issuer-slash" in self._flaws and isinstance(issuer, str):
            issuer = issuer.rstrip("/")
        if issuer != self._issuer and "claims-issuer" not in self._flaws:
            raise Refused
        if not self._is_for_us(claims.get("aud")):
            raise Refused

    def _is_for_us(self, audience: object) -> bool:
        if audience is None:
            return "claims-audience-absent" in self._flaws
        if isinstance(audience, list):
            return self._resource in audience and "audience-list" not in self._flaws
        if "claims-audience-near" in self._flaws and str(audience).startswith(self._resource):
            return True
        if "claims-id-token" in self._flaws and audience == "client_01SUITE":
            return True
        return audience == self._resource or "claims-audience" in self._flaws

    def _check_time(self, claims: Claims) -> None:
        now, leeway = time.time(), 0 if "clock-difference" in self._flaws else 30
        rules = {
            "exp": (now - leeway < claims["exp"]) if self._is_number(claims, "exp") else None,
            "nbf": (claims["nbf"] - leeway <= now) if self._is_number(claims, "nbf") else None,
            "iat": (claims["iat"] - leeway <= now) if self._is_number(claims, "iat") else None,
        }
        flaws = {"exp": "times-expired", "nbf": "times-not-before", "iat": "times-issued-in-future"}
        if any(held is False and flaws[name] not in self._flaws for name, held in rules.items()):
            raise Refused
        if rules["exp"] is None and "times-expiry-absent" not in self._flaws:
            raise Refused

    def _is_number(self, claims: Claims, name: str) -> bool:
        value = claims.get(name)
        if value is None or isinstance(value, int):
            return value is not None
        if "times-expiry-no-number" in self._flaws:
            raise TypeError
        raise Refused

    def _check_use(self, claims: Claims) -> None:
        if "good-token" in self._flaws or ("reuse" in self._flaws and str(claims.get("jti")) in self._used):
            raise Refused
        self._used.add(str(claims.get("jti")))
