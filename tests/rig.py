"""The server under test: events in, answers out, through the handler that runs on Lambda."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
from mcp.server.lowlevel import Server

from app.access.quota import CallTable
from app.application import Packages, create_app
from app.authoring import Identity
from app.handler import create_handler
from app.runtime.secrets import FetchParameters
from app.settings import Settings
from examples import prompts as example_prompts
from examples import resources as example_resources
from examples import tools as example_tools
from tests.catalogues.usual import tools as usual_tools
from tests.events import http_api
from tests.issuer import BASE_URL, CLIENT_ID, ISSUER, Issuer

SETTINGS = Settings(
    issuer=ISSUER,
    client_id=CLIENT_ID,
    base_url=BASE_URL,
    # What background work needs, of which examples/ has some.
    worker_function="worker:live",
    request_state_keys=(b"r" * 32,),
)
EXAMPLES: Packages = (usual_tools, example_tools)
"""The tools of examples/, and whoami from a file of upstream, because a team may change the one of app/."""
IDENTITY = Identity(name="workos-mcp-lambda", version="0.1.0", title="WorkOS MCP on Lambda")
MODERN = "2026-07-28"
ERAS = ["2025-11-25", MODERN]
HANDSHAKE_VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]

Response = dict[str, Any]


async def no_parameters(names: tuple[str, ...]) -> Mapping[str, str]:
    """An SSM that must not be asked."""
    raise AssertionError(f"nobody should need {names}")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as a client behind the gateway sees it."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def messages(self) -> list[Any]:
        """Every JSON-RPC message of the body, which is JSON or an event stream."""
        if not self.headers["content-type"].startswith("text/event-stream"):
            return [self.json]
        frames = self.text.split("\r\n\r\n")
        assert frames.pop() == ""
        assert all(frame.startswith("event: message\r\ndata: ") for frame in frames)
        return [json.loads(frame.partition("data: ")[2]) for frame in frames]

    @property
    def challenge(self) -> str:
        return self.headers["www-authenticate"]


@dataclass
class Rig:
    """One warm environment of the function, with an issuer and a clock that the test holds."""

    settings: Settings = SETTINGS
    issuer: Issuer = field(default_factory=Issuer)
    tools: Packages = usual_tools
    """`whoami` alone. A test that needs more, or a prompt or a resource, says so: each costs 2 ms to prepare."""
    prompts: Packages = ()
    resources: Packages = ()
    identity: Identity = IDENTITY
    fetch_parameters: FetchParameters = no_parameters
    tool_seconds: float = 28.0
    page_size: int = 1000
    table: Callable[[str], CallTable] | None = None
    """Where calls are counted, if the settings have a quota."""
    provider_transport: httpx2.AsyncBaseTransport | None = None
    """Carries the requests to providers of connected accounts, such as GitHub."""
    engine: Any = None
    """What reaches the engine of background work, and what waits for it (app.application.Connection)."""
    extend: Callable[[Server[Any]], None] = lambda server: None
    """Adds methods that no folder offers."""
    workos_transport: httpx2.AsyncBaseTransport | None = None
    """What carries requests to WorkOS, if not the network."""
    context: object = None
    """Lambda's, which knows how much time is left."""

    @classmethod
    def with_examples(cls, settings: Settings = SETTINGS, **options: Any) -> "Rig":
        """With all of examples/: that takes 60 ms."""
        return cls(settings, tools=EXAMPLES, prompts=example_prompts, resources=example_resources, **options)

    def __post_init__(self) -> None:
        self.app = create_app(
            self.settings,
            tools=self.tools,
            prompts=self.prompts,
            resources=self.resources,
            identity=self.identity,
            fetch=self.issuer.fetch,
            fetch_parameters=self.fetch_parameters,
            clock=self.issuer.clock,
            tool_seconds=self.tool_seconds,
            page_size=self.page_size,
            table=self.table,
            workos_transport=self.workos_transport,
            provider_transport=self.provider_transport,
            engine=self.engine,
            extend=self.extend,
        )
        self.handler = create_handler(self.app)

    def close(self) -> None:
        """The end of the environment, on the loop that its connections belong to."""

        async def end() -> None:
            async with self.app.router.lifespan_context(self.app):
                pass

        asyncio.get_event_loop().run_until_complete(end())

    def send(self, event: dict[str, Any]) -> Answer:
        result = self.handler(event, self.context)
        return Answer(result["statusCode"], result.get("headers", {}), result.get("body", ""))

    def request(
        self,
        method: str = "POST",
        path: str = "/mcp",
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        bearer = {"authorization": f"Bearer {token}"} if token else {}
        return self.send(http_api(method, path, {**bearer, **(headers or {})}, body))

    def exchange(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        version: str = MODERN,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        capabilities: Mapping[str, Any] | None = None,
    ) -> Answer:
        """One MCP request of a caller with a good token, written as a client of that version writes it."""
        sent, body = message(method, params, version, capabilities)
        return self.request(token=token or self.issuer.token(), headers={**sent, **(headers or {})}, body=body)

    def call(self, tool: str, arguments: Mapping[str, Any] | None = None, **options: Any) -> Response:
        """The result of tools/call."""
        answer = self.exchange("tools/call", {"name": tool, "arguments": dict(arguments or {})}, **options)
        assert answer.status == 200, answer
        result: Response = answer.json["result"]
        return result

    def refusal(self, tool: str, arguments: Mapping[str, Any] | None = None, **options: Any) -> str:
        """What tools/call says of a tool that does not exist for the caller."""
        answer = self.exchange("tools/call", {"name": tool, "arguments": dict(arguments or {})}, **options)
        error = answer.json["error"]
        assert (answer.status, error["code"]) == (400 if options.get("version", MODERN) == MODERN else 200, -32602)
        said: str = error["message"]
        return said


def message(
    method: str,
    params: Mapping[str, Any] | None = None,
    version: str = MODERN,
    capabilities: Mapping[str, Any] | None = None,
) -> tuple[dict[str, str], dict[str, Any]]:
    """Headers and body of one request, of a client that can show forms if nothing else is said."""
    content = dict(params or {})
    headers = {"mcp-protocol-version": version, "accept": "application/json, text/event-stream"}
    if version == MODERN:
        prefix = "io.modelcontextprotocol"
        meta = {
            f"{prefix}/protocolVersion": version,
            f"{prefix}/clientCapabilities": {"elicitation": {"form": {}}}
            if capabilities is None
            else capabilities,
            f"{prefix}/clientInfo": {"name": "test", "version": "1"},
        }
        content["_meta"] = {**content.get("_meta", {}), **meta}
        headers["mcp-method"] = method
        if isinstance(name := content.get("name", content.get("uri")), str):
            headers["mcp-name"] = name
    return headers, {"jsonrpc": "2.0", "id": 1, "method": method, "params": content}


def with_settings(**changes: Any) -> Rig:
    """A server whose settings differ from the plain ones."""
    return Rig(replace(SETTINGS, **changes))
