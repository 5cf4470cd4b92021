"""The function beside the local WorkOS API, whose answers a test can count, replace or keep back."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import pytest

from app.application import Packages
from infra.local.loopback import LoopbackServer
from infra.local.pipes.github_api import create_github_api
from infra.local.pipes.pipes import Pipes
from infra.local.seed.load import load_seed
from infra.local.workos_api import create_workos_api
from tests.catalogues import guarded
from tests.issuer import ABSENT
from tests.rig import SETTINGS, Answer, Response, Rig

ADA, GRACE, ALAN, KATHERINE, HEDY = (
    "user_01LOCALADALOVELACE0000000",
    "user_01LOCALGRACEHOPPER0000000",
    "user_01LOCALALANTURING00000000",
    "user_01LOCALKATHERINEJOHNSON00",
    "user_01LOCALHEDYLAMARR00000000",
)
ENGINES, COMPILERS = "org_01LOCALANALYTICALENGINES00", "org_01LOCALCOMPILERWORKS000000"
MACHINE, ROBOT = (machine.client_id for machine in load_seed().machines)

CALLERS: dict[str, dict[str, Any]] = {
    "ada": {"sub": ADA, "org_id": ENGINES},
    "grace": {"sub": GRACE, "org_id": ENGINES},
    "grace at compilers": {"sub": GRACE, "org_id": COMPILERS},
    "katherine": {"sub": KATHERINE, "org_id": COMPILERS},
    "hedy": {"sub": HEDY, "org_id": COMPILERS},
    "alan": {"sub": ALAN, "org_id": ABSENT},
    "machine of compilers": {"sub": ROBOT, "client_id": ROBOT, "sid": ABSENT, "org_id": COMPILERS},
    "machine": {"sub": MACHINE, "client_id": MACHINE, "sid": ABSENT, "org_id": ENGINES, "scope": "reports:read"},
}


@dataclass
class Api:
    """The stand-in; `instead` answers in its place, by the beginning of the path, None never."""

    app: Any
    instead: dict[str, tuple[int, Any] | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http":
            self.asked.append(path)
        begin = next((begin for begin in self.instead if path.startswith(begin)), None)
        if begin is None:
            await self.app(scope, receive, send)
            return
        answer = self.instead[begin]
        if answer is None:
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        status, body = answer
        told = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send(
            {"type": "http.response.body", "body": body if isinstance(body, bytes) else json.dumps(body).encode()}
        )


@dataclass
class World:
    rig: Rig
    api: Api
    api_url: str

    def token(self, caller: str, **claims: Any) -> str:
        return self.rig.issuer.token(**{**CALLERS[caller], **claims})

    def call(self, tool: str, caller: str = "ada", version: str = "2026-07-28", **arguments: Any) -> Response:
        return self.rig.call(tool, arguments, token=self.token(caller), version=version)

    def exchange(self, method: str, caller: str = "ada", **options: Any) -> Answer:
        claims = options.pop("claims", {})
        return self.rig.exchange(
            method, options.pop("params", None), token=self.token(caller, **claims), **options
        )

    def listed(self, caller: str = "ada", version: str = "2026-07-28", **claims: Any) -> list[str]:
        answer = self.exchange("tools/list", caller, version=version, claims=claims)
        return [tool["name"] for tool in answer.json["result"]["tools"]]

    def says(self, tool: str, caller: str = "ada", **arguments: Any) -> str:
        text: str = self.call(tool, caller, **arguments)["content"][0]["text"]
        return text


@contextmanager
def running(
    patch: pytest.MonkeyPatch, tools: Packages = guarded, resources: Packages = (), **settings: Any
) -> Iterator[World]:
    """One environment of the function, for people and machines."""
    seed = load_seed()
    pipes = Pipes.read(seed, None, time.time)
    for user in seed.users:
        for organization in (None, *(each.organization for each in seed.active_memberships(user.id))):
            pipes.connect("github", user.id, organization)
    api = Api(create_workos_api(seed, pipes=pipes))
    given = replace(SETTINGS, **{"api_key": seed.environment.api_key, "allow_machine_tokens": True, **settings})
    with LoopbackServer(api) as server:
        patch.setenv("WORKOS_BASE_URL", server.url)
        github = httpx2.ASGITransport(create_github_api(pipes))
        rig = Rig(given, tools=tools, resources=resources, provider_transport=github)
        yield World(rig, api, server.url)
        rig.close()
