"""The MCP server object: everything that is offered, behind one guard, on the SDK's server."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp.server.caching import CacheHint
from mcp.server.lowlevel import Server
from mcp_types import (
    CallToolRequestParams,
    CompleteRequestParams,
    GetPromptRequestParams,
    PaginatedRequestParams,
    ReadResourceRequestParams,
)

from app import __version__
from app.definition import Definition, PromptDefinition, ResourceDefinition, ToolDefinition
from app.protocol.completions import Completions
from app.protocol.guard import LIST_TTL_MS, Guard
from app.protocol.lists import PAGE_SIZE, Listing
from app.protocol.prompts import Prompts
from app.protocol.request_state import Keys, LazyRequestState
from app.protocol.resources import Resources
from app.protocol.served import TOOL_SECONDS, Terms
from app.protocol.tools import Tools

if TYPE_CHECKING:
    from app.quota import Quota


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the folders hold."""

    tools: Sequence[ToolDefinition]
    prompts: Sequence[PromptDefinition] = ()
    resources: Sequence[ResourceDefinition] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope that anything in it asks for, in the order of the names."""
        offered: tuple[Definition[Any], ...] = (*self.tools, *self.prompts, *self.resources)
        return tuple(dict.fromkeys(scope for each in offered for scope in each.access.scopes))


def create_server(
    catalogue: Catalogue,
    *,
    guard: Guard,
    resource: str,
    request_state_keys: Keys,
    tool_seconds: float = TOOL_SECONDS,
    page_size: int = PAGE_SIZE,
    quota: "Quota | None" = None,
) -> Server[Any]:
    """The SDK's server with the whole catalogue in it; `tool_seconds` is what one call may take.

    Raises:
        CatalogueError: for something in it that cannot be served.
    """
    terms = Terms(guard, tool_seconds, quota)
    tools = Tools(catalogue.tools, terms)
    server: Server[Any] = Server(
        "workos-mcp-lambda",
        version=__version__,
        # The lists say it themselves, because it depends on who asks.
        cache_hints={"server/discover": CacheHint(ttl_ms=LIST_TTL_MS, scope="private")},
        get_tool_input_schema=tools.mirrored.get,
    )
    server.add_request_handler(
        "tools/list", PaginatedRequestParams, Listing("tools", tools.listed, guard, page_size)
    )
    server.add_request_handler("tools/call", CallToolRequestParams, tools.call)
    _add_what_is_there(server, catalogue, terms, page_size)
    # Instead of the SDK's OpenTelemetry spans, which cost a tenth of a call and have no exporter here.
    server.middleware[:] = [LazyRequestState(request_state_keys, audience=resource)]
    return server


def _add_what_is_there(server: Server[Any], catalogue: Catalogue, terms: Terms, page_size: int) -> None:
    """A method that is registered is a capability that is declared: an empty folder declares none."""
    prompts, resources = Prompts(catalogue.prompts, terms), Resources(catalogue.resources, terms)
    completions = Completions(prompts.served, resources.by_uri)

    def listing(key: str, offered: Any) -> Listing:
        return Listing(key, offered, terms.guard, page_size)

    if catalogue.prompts:
        server.add_request_handler("prompts/list", PaginatedRequestParams, listing("prompts", prompts.listed))
        server.add_request_handler("prompts/get", GetPromptRequestParams, prompts.get)
    if catalogue.resources:
        templates = listing("resourceTemplates", resources.listed_templates)
        server.add_request_handler(
            "resources/list", PaginatedRequestParams, listing("resources", resources.listed)
        )
        server.add_request_handler("resources/templates/list", PaginatedRequestParams, templates)
        server.add_request_handler("resources/read", ReadResourceRequestParams, resources.read)
    if completions:
        server.add_request_handler("completion/complete", CompleteRequestParams, completions.complete)
