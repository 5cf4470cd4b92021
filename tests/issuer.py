"""An authorization server under the tests' control: it signs tokens and counts who asks for its keys."""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from app.auth.fetch import FetchFailed

ISSUER = "https://acme.authkit.app"
CLIENT_ID = "client_01ENVIRONMENT"
BASE_URL = "https://mcp.example.com"
RESOURCE = f"{BASE_URL}/mcp"
NOW = 1_790_000_000.0
ABSENT = object()
"""A claim or header with this value is left out."""

_KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)]


@dataclass
class Clock:
    """Wall time that moves when a test says so."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Issuer:
    """AuthKit as far as a resource server meets it: `fetch` stands where the network would be."""

    url: str = ISSUER
    clock: Clock = field(default_factory=Clock)
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=lambda: {"key_1": _KEYS[0]})
    down: bool = False
    defect: Exception | None = None
    """Raised where only FetchFailed may be: a mistake of ours."""
    fetched: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    """Seconds that each fetch would have waited."""
    documents: dict[str, bytes] = field(default_factory=dict)

    async def fetch(self, url: str, *, seconds: float) -> bytes:
        self.fetched.append(url)
        self.waited.append(seconds)
        await asyncio.sleep(0)  # as a network would, it lets others run
        if self.defect:
            raise self.defect
        if self.down:
            raise FetchFailed("down")
        if url in self.documents:
            return self.documents[url]
        assert url == f"{self.url}/oauth2/jwks"
        return json.dumps({"keys": [public_jwk(kid, key) for kid, key in self.keys.items()]}).encode()

    @property
    def jwks_fetches(self) -> int:
        return sum(url.endswith("/jwks") for url in self.fetched)

    def rotate(self, kid: str = "key_2") -> None:
        """A new signing key; the old one is withdrawn."""
        self.keys = {kid: _KEYS[1]}

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What AuthKit puts into a user's access token, with changes."""
        issued = int(self.clock.now)
        claims = {
            "iss": self.url,
            "aud": RESOURCE,
            "sub": "user_01ALICE",
            "client_id": "client_01CURSOR",
            "sid": "app_consent_01ALICE",
            "jti": "01TOKEN",
            "iat": issued,
            "exp": issued + 300,
            "scope": "openid profile email",
            "org_id": "org_01ACME",
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not ABSENT}

    def machine_claims(self, **changes: Any) -> dict[str, Any]:
        machine = {"sub": "client_01MACHINE", "client_id": "client_01MACHINE", "aud": CLIENT_ID, "sid": ABSENT}
        return self.claims(**{**machine, **changes})

    def token(self, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """A signed access token; `header` changes its header, the rest its claims."""
        return self.sign(self.claims(**changes), header)

    def sign(self, claims: Any, header: Mapping[str, Any] | None = None, key: Any = None) -> str:
        kid, own = next(iter(self.keys.items()))
        fields = {"alg": "RS256", "kid": kid, **(header or {})}
        fields = {name: value for name, value in fields.items() if value is not ABSENT}
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        return compact(fields, payload, key or own)


def compact(header: Any, payload: bytes, key: rsa.RSAPrivateKey) -> str:
    """RS256 over anything at all: unlike a library, this signs headers that no issuer would."""
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    signing_input = f"{_b64(head)}.{_b64(payload)}"
    signature = RSAAlgorithm(RSAAlgorithm.SHA256).sign(signing_input.encode(), key)
    return f"{signing_input}.{_b64(signature)}"


def public_jwk(kid: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig", "alg": "RS256"}


def stranger() -> rsa.RSAPrivateKey:
    """A key that no issuer lists."""
    return _KEYS[2]


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
