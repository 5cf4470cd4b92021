"""The suite's authorization server: it signs any token; keys, faults and visitors are in the suite's hand."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from conformance.auth.jose import compact, new_key, public_jwk
from conformance.auth.lifespan import live

KEYS = "/oauth2/jwks"
STRANGERS_KEYS = "/stranger/jwks"
"""Keys that no server may trust, for tokens that point at them (`jku`)."""
METADATA = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
ABSENT = object()
"""A claim or header with this value is left out."""


class Mode(Enum):
    UP = auto()
    FAILING = auto()
    """Every document is an HTTP 500."""
    HANGING = auto()
    """A request is accepted and never answered."""


@dataclass
class Issuer:
    """An ASGI application. Set `url`, `audience` and `scope` before a token is asked for."""

    url: str = ""
    audience: str = ""
    scope: str = ""
    mode: Mode = Mode.UP
    keys: dict[str, RSAPrivateKey] = field(default_factory=lambda: {"key_1": new_key()})
    """What the key set lists; the last one signs."""
    extra_keys: list[Any] = field(default_factory=list)
    """Entries of the key set that are of no use to anybody."""
    asked: list[str] = field(default_factory=list)
    stranger: RSAPrivateKey = field(default_factory=new_key)
    """A key of somebody else."""

    @property
    def key_fetches(self) -> int:
        return self.asked.count(KEYS)

    @property
    def key_id(self) -> str:
        return list(self.keys)[-1]

    @property
    def key(self) -> RSAPrivateKey:
        return self.keys[self.key_id]

    def rotate(self) -> None:
        """Sign with a new key from now on; the older ones stay listed."""
        self.keys = {**self.keys, f"key_{uuid4().hex[:8]}": new_key()}

    def withdraw_old_keys(self) -> None:
        self.keys = {self.key_id: self.key}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """A user's access token as AuthKit writes it, with changes."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": self.audience,
            "sub": "user_01ALICE",
            "client_id": "client_01SUITE",
            "sid": "app_consent_01ALICE",
            "org_id": "org_01ACME",
            "jti": uuid4().hex,
            "iat": now,
            "exp": now + 300,
            "scope": self.scope,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not ABSENT}

    def token(self, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """A signed access token; `header` changes its header, the rest its claims."""
        return self.sign(self.claims(**changes), header)

    def sign(
        self, claims: object, header: Mapping[str, Any] | None = None, key: RSAPrivateKey | None = None
    ) -> str:
        """RS256 over any claims, under any header."""
        fields = {"alg": "RS256", "kid": self.key_id, **(header or {})}
        return compact(
            {name: value for name, value in fields.items() if value is not ABSENT}, claims, key or self.key
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send)
            return
        self.asked.append(scope["path"])
        if self.mode is Mode.HANGING:
            await _until_the_visitor_leaves(receive)
            return
        status, document = self._answer(scope["path"])
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(document).encode()})

    def _answer(self, path: str) -> tuple[int, object]:
        if path == STRANGERS_KEYS:
            return 200, {"keys": [public_jwk("stranger", self.stranger)]}
        if self.mode is Mode.FAILING:
            return 500, {}
        if path == KEYS:
            return 200, {"keys": [*self.extra_keys, *(public_jwk(kid, key) for kid, key in self.keys.items())]}
        return (200, self._metadata()) if path in METADATA else (404, {})

    def _metadata(self) -> dict[str, object]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/oauth2/authorize",
            "token_endpoint": f"{self.url}/oauth2/token",
            "jwks_uri": self.url + KEYS,
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "subject_types_supported": ["public"],
        }


async def _until_the_visitor_leaves(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
