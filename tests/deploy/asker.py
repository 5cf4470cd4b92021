"""A client of the deployed server that is logged in once, and connects anew for each call."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx2
from mcp import Client
from mcp.client import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult

from tests.deploy.deployed import Deployed
from tests.person import Memory, Person, login_of


@dataclass
class Asker:
    deployed: Deployed
    memory: Memory = field(default_factory=Memory)
    asked: list[str] = field(default_factory=list)
    """The questions to the user, who says yes to each."""

    def call(self, tool: str, **arguments: Any) -> CallToolResult:
        async def exchange() -> CallToolResult:
            login = login_of(Person(), self.memory, self.deployed.url)
            async with (
                httpx2.AsyncClient(auth=login, trust_env=False, timeout=60) as http,
                Client(
                    streamable_http_client(self.deployed.url, http_client=http), elicitation_callback=self._agree
                ) as client,
            ):
                return await client.call_tool(tool, arguments)

        return asyncio.run(exchange())

    def begin(self, **arguments: Any) -> str:
        """Begin work that is not over when the call ends, and return its handle."""
        found = self.read(self.call("build_year_report", **arguments))
        assert found.keys() == {"handle", "status", "status_message", "retry_after_seconds", "next_step"}, found
        return str(found["handle"])

    def read(self, result: CallToolResult) -> dict[str, Any]:
        """What a result has, if it is no error."""
        assert not result.is_error, "\n".join([str(result.content), *self.deployed.log[-30:]])
        return dict(result.structured_content or {})

    def read_text(self, result: CallToolResult) -> str:
        """The first text of a result that is no error."""
        assert not result.is_error, result.content
        return str(getattr(result.content[0], "text", ""))

    async def _agree(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self.asked.append(params.message)
        return ElicitResult(action="accept", content={"go_on": True})
