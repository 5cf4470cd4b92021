"""The function beside the local WorkOS API, in one process: its callers come with API keys."""

from dataclasses import dataclass, field, replace
from typing import Any, Self

import httpx2

from app.application import Packages
from infra.local.seed.load import load_seed
from infra.local.seed.rows import Seed
from infra.local.workos_api import create_workos_api
from tests.access.world import Api
from tests.catalogues.usual import tools as usual_tools
from tests.issuer import Issuer
from tests.quota import MemoryTable
from tests.rig import SETTINGS, Answer, Rig

VALIDATIONS = "/api_keys/validations"


@dataclass
class KeyWorld:
    rig: Rig
    api: Api
    seed: Seed = field(default_factory=load_seed)

    @classmethod
    def start(
        cls,
        tools: Packages = usual_tools,
        *,
        resources: Packages = (),
        table: MemoryTable | None = None,
        **settings: Any,
    ) -> Self:
        """One environment of the function that lets API keys in."""
        seed, issuer = load_seed(), Issuer()
        api = Api(create_workos_api(seed, clock=issuer.clock))
        given = {
            "api_key": seed.environment.api_key,
            "workos_base_url": "http://127.0.0.1",
            "allow_api_keys": True,
            "allow_machine_tokens": True,
            **settings,
        }
        rig = Rig(
            replace(SETTINGS, **given),
            issuer,
            tools,
            resources=resources,
            table=(lambda name: table) if table else None,
            workos_transport=httpx2.ASGITransport(api),
        )
        return cls(rig, api, seed)

    @property
    def requests(self) -> int:
        """How often WorkOS was asked about a key."""
        return self.api.asked.count(VALIDATIONS)

    def value(self, name: str) -> str:
        key = self.seed.api_key(name)
        assert key is not None, name
        return key.value

    def send(self, name: str, method: str = "tools/list", **options: Any) -> Answer:
        """One request with a key of the seed."""
        return self.rig.exchange(method, options.pop("params", None), token=self.value(name), **options)

    def call(self, name: str, tool: str, **arguments: Any) -> Answer:
        return self.send(name, "tools/call", params={"name": tool, "arguments": arguments})

    def list_tools(self, name: str) -> list[str]:
        return [tool["name"] for tool in self.send(name).json["result"]["tools"]]

    def answer_instead(self, status: int, body: Any) -> None:
        """From now on, something else answers questions about keys."""
        self.api.instead[VALIDATIONS] = status, body
