"""The function beside a WorkOS and a GitHub in the same process, with a user who can connect an account there."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import httpx2

from infra.local.pipes.application import create_pipes_pages
from infra.local.pipes.github_api import create_github_api
from infra.local.pipes.pipes import Pipes
from infra.local.seed.load import load_seed
from infra.local.workos_api import create_workos_api
from tests.access.world import ADA, CALLERS, ENGINES, Api
from tests.accounts.browser import Browser
from tests.issuer import BASE_URL, Issuer
from tests.protocol.asking import Conversation
from tests.rig import SETTINGS, Rig

CONNECTED = f"{BASE_URL}/connected"
TOOL = """
from typing import Annotated
from app.authoring import Account, connected, tool

@tool()
async def who_am_i(github: Annotated[Account, connected("github", scopes=["repo"])]) -> str:
    "Say who you are at GitHub."
    answer = await github.http.get("https://api.github.com/user")
    return answer.json()["login"]
"""


@dataclass
class Desk:
    rig: Rig
    pipes: Pipes
    api: Api
    sent: list[httpx2.Request] = field(default_factory=list)
    """The requests that tools sent to a provider."""

    @classmethod
    def open(cls, tools: ModuleType, **settings: Any) -> "Desk":
        issuer, seed = Issuer(), load_seed()
        pipes = Pipes.read(seed, None, issuer.clock)
        api = Api(create_workos_api(seed, pipes=pipes, clock=issuer.clock))
        sent: list[httpx2.Request] = []
        given = {"api_key": seed.environment.api_key, "workos_base_url": "http://127.0.0.1", **settings}
        rig = Rig(
            replace(SETTINGS, allow_machine_tokens=True, **given),
            issuer,
            tools=tools,
            workos_transport=httpx2.ASGITransport(api),
            provider_transport=_Recorder(httpx2.ASGITransport(create_github_api(pipes)), sent),
        )
        return cls(rig, pipes, api, sent)

    @property
    def questions_to_workos(self) -> list[str]:
        return [path for path in self.api.asked if path.startswith("/data-integrations/")]

    def begin(self, tool: str = "who_am_i", caller: str = "ada", **options: Any) -> Conversation:
        return Conversation(self.rig, tool, who=CALLERS[caller], **options)

    def say(self, tool: str = "who_am_i", caller: str = "ada", **arguments: Any) -> str:
        """The text of a call by a client that cannot be asked."""
        return self.begin(tool, caller, arguments=arguments, capabilities={}).says()

    def browse(self, address: str, **fields: str | None) -> str:
        """Connect an account as a person does; where the browser ends."""
        transport = httpx2.ASGITransport(create_pipes_pages(self.pipes))
        return asyncio.run(Browser(transport).connect(address, until=CONNECTED, **fields))

    def connect(self, provider: str = "github", user: str = ADA, organization: str | None = ENGINES) -> str:
        """Connect one at once; its token."""
        return self.pipes.connect(provider, user, organization).access_token

    def answer_token(self, token: Mapping[str, Any], provider: str = "github") -> None:
        """Have WorkOS answer with this from now on."""
        self.api.instead[f"/data-integrations/{provider}/token"] = (200, token)


class _Recorder(httpx2.AsyncBaseTransport):
    def __init__(self, inner: httpx2.AsyncBaseTransport, sent: list[httpx2.Request]) -> None:
        self._inner, self._sent = inner, sent

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._sent.append(request)
        return await self._inner.handle_async_request(request)
