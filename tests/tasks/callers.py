"""A server with background tools beside a WorkOS and a GitHub in the same process, for callers of every kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx2

from infra.local.pipes.connected_accounts import Owner
from infra.local.pipes.github_api import create_github_api
from infra.local.pipes.pipes import Pipes
from infra.local.seed.load import load_seed
from infra.local.workos_api import create_workos_api
from tests.access.world import ADA, CALLERS, ENGINES, Api
from tests.background import TASKS, BackgroundServer
from tests.catalogues import background_callers
from tests.issuer import Issuer

PERSON, OWNER = CALLERS["ada"], Owner(ADA, ENGINES)


@dataclass
class Callers:
    """Who is named here comes with a token; everybody else is the name of an API key of the seed."""

    server: BackgroundServer
    api: Api
    pipes: Pipes

    @classmethod
    def start(cls, *, table: Any = None, **settings: Any) -> Self:
        seed, issuer = load_seed(), Issuer()
        pipes = Pipes.read(seed, None, issuer.clock)
        api = Api(create_workos_api(seed, pipes=pipes, clock=issuer.clock))
        given = {
            "api_key": seed.environment.api_key,
            "workos_base_url": "http://127.0.0.1",
            "allow_api_keys": True,
            "allow_machine_tokens": True,
            **settings,
        }
        transports: dict[str, httpx2.AsyncBaseTransport] = {
            "workos_transport": httpx2.ASGITransport(api),
            "provider_transport": httpx2.ASGITransport(create_github_api(pipes)),
        }
        server = BackgroundServer(issuer, given, background_callers, table=table, transports=transports)
        return cls(server, api, pipes)

    def find_token(self, who: str) -> str:
        if who in CALLERS:
            return self.server.issuer.token(**CALLERS[who])
        key = load_seed().api_key(who)
        assert key is not None, who
        return key.value

    def connect(self, login: str = "ada-l") -> str:
        """Connect Ada's account at GitHub, with all scopes; its token."""
        provider = self.pipes.find_provider("github")
        assert provider is not None
        token = self.pipes.tokens.issue("github", login, provider.scopes)
        return self.pipes.accounts.connect("github", OWNER, ADA, token).access_token

    def disconnect(self) -> None:
        """Have WorkOS forget it."""
        if (account := self.pipes.accounts.find("github", OWNER)) is not None:
            self.pipes.accounts.remove(account)

    def call(self, who: str, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result of a call."""
        return self.server.rig.call(tool, arguments, token=self.find_token(who), capabilities=TASKS)

    def begin(self, who: str, tool: str, **options: Any) -> str:
        """The id of the task."""
        task_id: str = self.server.begin(tool, token=self.find_token(who), **options)["taskId"]
        return task_id

    def get(self, who: str, task_id: str) -> dict[str, Any]:
        return self.server.get(task_id, token=self.find_token(who))

    def finish(self, who: str, tool: str) -> Mapping[str, Any]:
        """The result of the tool."""
        task_id = self.begin(who, tool)
        self.server.engine.advance(3600)
        result: Mapping[str, Any] = self.get(who, task_id)["result"]
        return result
