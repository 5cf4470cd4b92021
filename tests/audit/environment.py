"""An environment of the function in a process that can be killed, and the WorkOS that it tells of its calls."""

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
from starlette.requests import ClientDisconnect

from infra.local.gateway.environment import Environment
from infra.local.gateway.program import Program
from infra.local.loopback import LoopbackServer
from infra.local.seed.load import load_seed
from infra.local.seed.rows import Seed
from infra.local.workos_api import create_workos_api
from tests.blocks import ROOT
from tests.infra.authkit.rig import Clock as ApiClock
from tests.infra.workos_api.rig import ADA, ENGINES, Api
from tests.issuer import BASE_URL, CLIENT_ID, Clock, Issuer
from tests.loopback_issuer import KEYS, LoopbackIssuer
from tests.rig import message
from tests.team import TEAM_ENVIRONMENT, WORKER

ACTION = "mcp.tool_called"
EVENTS = "/audit_logs/events"


@dataclass
class Vendor:
    """AuthKit's keys and WorkOS's API on one port."""

    issuer: LoopbackIssuer
    api: Api

    def event(self) -> bytes:
        """A call of `whoami`, payload 2.0."""
        self.issuer.issuer.clock.now = time.time()
        headers, body = message("tools/call", {"name": "whoami"})
        token = self.issuer.issuer.token(sub=ADA, org_id=ENGINES)
        sent = {**headers, "authorization": f"Bearer {token}", "host": "mcp.example.com"}
        http = {"method": "POST", "path": "/mcp", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}
        context = {"http": http, "requestId": "gateway"}
        event = {"version": "2.0", "rawPath": "/mcp", "rawQueryString": "", "headers": sent}
        return json.dumps(
            {**event, "requestContext": context, "body": json.dumps(body), "isBase64Encoded": False}
        ).encode()

    @property
    def arrived(self) -> list[str]:
        """Request ids of the events that WorkOS has, in the order of their arrival."""
        return [each["event"]["metadata"]["request_id"] for each in self.api.received_events()]


@contextmanager
def vendor(seed: Seed | None = None) -> Iterator[Vendor]:
    seed = seed or load_seed()
    workos, issuer = create_workos_api(seed), LoopbackIssuer(Issuer(clock=Clock(time.time())))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        of_issuer = scope["type"] == "lifespan" or scope["path"] == KEYS
        with suppress(ClientDisconnect):  # of a function that was killed
            await (issuer if of_issuer else workos)(scope, receive, send)

    key = {"Authorization": f"Bearer {seed.environment.api_key}"}
    with LoopbackServer(app) as server, httpx2.Client(base_url=server.url, trust_env=False, headers=key) as http:
        issuer.issuer.url = server.url
        yield Vendor(issuer, Api(http, server.url, ApiClock(), seed))


@dataclass
class Function:
    """One environment. Between two calls its event loop stands still, as on Lambda."""

    vendor: Vendor
    environment: Environment
    lines: list[dict[str, Any]]
    took: list[float] = field(default_factory=list)
    """Milliseconds of each call, from the event to the answer."""

    async def call(self, count: int = 1) -> None:
        for _ in range(count):
            event, began = self.vendor.event(), time.perf_counter()
            answer = json.loads(await self.environment.invoke(event, time_limit=30))
            self.took.append((time.perf_counter() - began) * 1000)
            assert answer["statusCode"] == 200, answer

    async def kill(self) -> None:
        await self.environment.kill()

    @property
    def called(self) -> list[str]:
        """Request ids of the calls that the log tells of."""
        return [line["request_id"] for line in self.lines if line["message"] == "exchange"]

    @property
    def losses(self) -> list[str]:
        """The reasons of the losses that the log tells of."""
        return [line["reason"] for line in self.lines if line["message"] == "audit event lost"]


@asynccontextmanager
async def function(vendor: Vendor, action: str = ACTION) -> AsyncIterator[Function]:
    settings = {
        "WORKOS_AUTHKIT_DOMAIN": vendor.issuer.issuer.url,
        "WORKOS_BASE_URL": vendor.api.url,
        "WORKOS_CLIENT_ID": CLIENT_ID,
        "WORKOS_API_KEY": vendor.api.seed.environment.api_key,
        "BASE_URL": BASE_URL,
        "AUDIT_LOG_ACTION": action,
        **WORKER,
        **TEAM_ENVIRONMENT,
    }
    lines: list[dict[str, Any]] = []

    def tell(line: str) -> None:
        if line.startswith("{"):
            lines.append(json.loads(line))

    environment = await Environment.spawn(Program("app.handler", ROOT, settings), tell)
    try:
        await environment.become_ready(60)
        yield Function(vendor, environment, lines)
    finally:
        await environment.kill()
