"""The local WorkOS API over real HTTP, called by WorkOS's own SDK or by hand."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2
from workos import AsyncWorkOSClient

from infra.local.authkit.authorizations import Authorization, Authorizations
from infra.local.authkit.clients import Client
from infra.local.authkit.consents import Consent
from infra.local.authkit.identifiers import new_id
from infra.local.authkit.sessions import Sessions
from infra.local.pipes.pipes import Pipes
from infra.local.seed.load import load_seed
from infra.local.seed.rows import Seed
from tests.infra.authkit.rig import Clock

ADA, GRACE = "user_01LOCALADALOVELACE0000000", "user_01LOCALGRACEHOPPER0000000"
ALAN, KATHERINE = "user_01LOCALALANTURING00000000", "user_01LOCALKATHERINEJOHNSON00"
HEDY, HEDY_AT_COMPILERS = "user_01LOCALHEDYLAMARR00000000", "om_01LOCALHEDYCOMPILER00000000"
ENGINES, COMPILERS = "org_01LOCALANALYTICALENGINES00", "org_01LOCALCOMPILERWORKS000000"
ADA_AT_ENGINES, GRACE_AT_ENGINES = "om_01LOCALADAANALYTICAL0000000", "om_01LOCALGRACEANALYTICAL00000"
OKTA, GOOGLE = "directory_01LOCALANALYTICALOKTA00000", "directory_01LOCALCOMPILERGOOGLE00000"
KATHERINE_AT_COMPILERS, ALAN_AT_COMPILERS = "om_01LOCALKATHERINECOMPILER000", "om_01LOCALALANCOMPILER00000000"
REPORT_C1 = "authz_resource_01LOCALREPORTC1000000000"
REPORT_Q1, REPORT_Q2 = "authz_resource_01LOCALREPORTQ1000000000", "authz_resource_01LOCALREPORTQ2000000000"
UNKNOWN = "org_01UNKNOWN"
CALLBACK, MCP = "http://127.0.0.1:33418/callback", "http://127.0.0.1:8000/mcp"
HOOK = {"X-Local-Stand-In": "1"}
Answer = TypeVar("Answer")


@dataclass
class Api:
    """One running stand-in as its callers see it; `http` sends the API key."""

    http: httpx2.Client
    url: str
    clock: Clock
    seed: Seed
    authorizations: Authorizations = field(default_factory=lambda: Authorizations(None, lambda _: None, time.time))
    sessions: Sessions = field(default_factory=lambda: Sessions(time.time))
    pipes: Pipes = field(default_factory=lambda: Pipes.read(load_seed(), None, time.time))

    def let_in(self, user_id: str, client: str = "cursor", scope: str = "openid profile") -> Authorization:
        """The user allows an application what it asks for."""
        client_id = client if "://" in client else f"client_01{client.upper()}"
        known = Client(client_id, client.title(), (CALLBACK,), (), ("none",))
        consent = Consent(new_id("app_consent"), known.client_id, user_id, None, scope, MCP)
        return self.authorizations.add(consent, known)

    def ask(
        self, call: Callable[[AsyncWorkOSClient], Awaitable[Answer]], api_key: str | None = None, **options: Any
    ) -> Answer:
        """What the SDK makes of the answer, with one attempt unless `max_retries` says more."""

        async def scenario() -> Answer:
            # No proxy of this machine's environment between the test and its server.
            async with httpx2.AsyncClient(trust_env=False) as http:
                wanted: dict[str, Any] = {"max_retries": 0, "request_timeout": 5, **options}
                environment = self.seed.environment
                return await call(
                    AsyncWorkOSClient(
                        api_key=api_key or environment.api_key,
                        client_id=environment.client_id,
                        base_url=self.url,
                        http_client=http,
                        **wanted,
                    )
                )

        return asyncio.run(scenario())

    def hook(self, method: str, path: str, body: object = None) -> httpx2.Response:
        return self.http.request(method, f"/_local/{path}", json=body, headers=HOOK)

    def fail(self, **failure: object) -> None:
        ordered = self.hook("POST", "failures", failure)
        assert ordered.status_code == 201, ordered.text

    def received_events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.hook("GET", "audit-logs/events").json()["events"]
        return events
