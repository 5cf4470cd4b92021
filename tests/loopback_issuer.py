"""The tests' issuer on a loopback port, for functions in processes of their own; beside it WorkOS and SSM."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from infra.local.loopback import LoopbackServer
from tests.events import http_api
from tests.issuer import BASE_URL, CLIENT_ID, Clock, Issuer
from tests.rig import MODERN, message
from tests.team import TEAM_ENVIRONMENT, WORKER

KEYS, SSM = "/oauth2/jwks", "/"
PARAMETER, STATE_PARAMETER = "/workos-mcp-lambda/dev/workos-api-key", "/workos-mcp-lambda/dev/request-state-key"
API_KEY = "sk_test_1"


@dataclass
class LoopbackIssuer:
    """Who asks for what is noted: the path, and the port that tells one connection from another."""

    issuer: Issuer = field(default_factory=lambda: Issuer(clock=Clock(time.time())))
    asked: list[tuple[str, int]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=lambda: {PARAMETER: API_KEY})

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (told := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{told['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.asked.append((scope["path"], scope["client"][1]))
        if scope["path"] == SSM:
            body = self._parameters(json.loads((await receive())["body"])["Names"])
        else:
            body = await self._answer(scope["path"])
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, path: str) -> bytes:
        if path == KEYS:
            return await self.issuer.fetch(self.issuer.url + path, seconds=0)
        if path == "/user_management/users":
            found = {"object": "list", "data": [json.loads(_user("user_01ALICE"))]}
            return json.dumps({**found, "list_metadata": {"before": None, "after": None}}).encode()
        return _user(path)

    def _parameters(self, names: list[str]) -> bytes:
        """SSM's answer for those that are asked for."""
        found = [
            {"Name": name, "Value": self.parameters[name], "Type": "SecureString"}
            for name in names
            if name in self.parameters
        ]
        absent = [name for name in names if name not in self.parameters]
        return json.dumps({"Parameters": found, "InvalidParameters": absent}).encode()

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a function that trusts this issuer."""
        return {
            "WORKOS_AUTHKIT_DOMAIN": self.issuer.url,
            "WORKOS_BASE_URL": self.issuer.url,
            "WORKOS_CLIENT_ID": CLIENT_ID,
            "WORKOS_API_KEY_PARAMETER": PARAMETER,
            "BASE_URL": BASE_URL,
            "AWS_ENDPOINT_URL": self.issuer.url,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            **WORKER,
            **TEAM_ENVIRONMENT,
        }

    @property
    def jwks_fetches(self) -> int:
        return sum(path == KEYS for path, _ in self.asked)

    def call(self, tool: str, *, version: str = MODERN, **arguments: Any) -> dict[str, Any]:
        """The event of a verified caller's tools/call."""
        return self.exchange("tools/call", {"name": tool, "arguments": arguments}, version=version)

    def exchange(self, method: str, params: dict[str, Any], *, version: str = MODERN) -> dict[str, Any]:
        """The event of a verified caller's request, payload 2.0."""
        self.issuer.clock.now = time.time()
        headers, body = message(method, params, version)
        return http_api(headers={**headers, "authorization": f"Bearer {self.issuer.token()}"}, body=body)


@contextmanager
def loopback_issuer() -> Iterator[LoopbackIssuer]:
    served = LoopbackIssuer()
    with LoopbackServer(served) as server:
        served.issuer.url = server.url
        yield served


def _user(path: str) -> bytes:
    """WorkOS's answer for one user."""
    absent = ["first_name", "last_name", "profile_picture_url", "last_sign_in_at", "external_id", "locale"]
    day = "2026-01-01T00:00:00.000Z"
    return json.dumps(
        {
            **dict.fromkeys(absent),
            "object": "user",
            "id": path.rpartition("/")[2],
            "email": "alice@example.com",
            "email_verified": True,
            "created_at": day,
            "updated_at": day,
            "metadata": {},
        }
    ).encode()
