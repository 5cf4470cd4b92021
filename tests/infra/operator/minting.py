"""Tokens of every family, as the running stand-in would sign them, and tokens that nobody should accept."""

import base64
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from infra.local.authkit.signing_keys import SigningKeys
from infra.local.seed.load import load_seed
from tests.e2e.stack import Stack
from tests.issuer import compact, stranger

CLIENT_ID = load_seed().environment.client_id
MACHINE = load_seed().machine


@dataclass(frozen=True)
class Minting:
    stack: Stack
    state_dir: Path

    def access(self, **body: Any) -> str:
        """A user's access token, with changes (`make token` asks the same way)."""
        answer = httpx2.post(
            f"{self.stack.authkit_url}/_local/token", json=body, headers={"X-Local-Stand-In": "1"}, trust_env=False
        )
        return str(answer.json()["access_token"])

    def with_claims(self, **claims: Any) -> str:
        return self.access(claims=claims)

    def use_template(self, content: str) -> None:
        """Set the environment's JWT template; an empty text takes it away."""
        httpx2.post(
            f"{self.stack.authkit_url}/_local/jwt-template",
            json={"content": content} if content else {"claims": []},
            headers={"X-Local-Stand-In": "1"},
            trust_env=False,
        ).raise_for_status()

    def id_token(self) -> str:
        return self.with_claims(
            aud="client_01SOMEAPPLICATION", jti=None, sid=None, client_id=None, scope=None, email="ada@example.com"
        )

    def session_token(self, issuer: str = "", **claims: Any) -> str:
        """What a web application has of its user's sign-in."""
        issuer = issuer or f"https://api.workos.com/user_management/{CLIENT_ID}"
        return self.access(web_session=True, claims={"iss": issuer, **claims})

    def with_header(self, claims: dict[str, Any] | None = None, **fields: Any) -> str:
        """A good token's claims under a header that AuthKit would not write; None leaves a field out."""
        key = SigningKeys(self.state_dir).current
        header = {"alg": "RS256", "kid": key.kid, **fields}
        header = {name: value for name, value in header.items() if value is not None}
        return compact(header, self._payload(claims), key.private)

    def forged(self) -> str:
        header = {"alg": "RS256", "kid": SigningKeys(self.state_dir).current.kid}
        return compact(header, self._payload(), stranger())

    def late(self, claim: str) -> str:
        return self.with_claims(**{claim: int(time.time()) + 3600})

    def _payload(self, claims: dict[str, Any] | None = None) -> bytes:
        return base64.urlsafe_b64decode(self.access(claims=claims or {}).split(".")[1] + "==")
