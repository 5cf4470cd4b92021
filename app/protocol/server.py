"""The MCP server object: everything that is offered, behind one guard, on the SDK's server."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mcp.server.caching import CacheHint
from mcp.server.lowlevel import Server
from mcp_types import (
    CallToolRequestParams,
    CompleteRequestParams,
    GetPromptRequestParams,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    SetLevelRequestParams,
)

from app import __version__
from app.definition import Definition, PromptDefinition, ResourceDefinition, ToolDefinition
from app.identity import Identity
from app.protocol.blocks import icons_on_the_wire
from app.protocol.completions import Completions
from app.protocol.guard import LIST_TTL_MS, Guard
from app.protocol.lists import PAGE_SIZE, Listing
from app.protocol.log_level import accept_level, may_log
from app.protocol.prompts import Prompts
from app.protocol.request_state import RequestState
from app.protocol.resources import Resources
from app.protocol.served import Terms
from app.protocol.tools import Tools
from app.protocol.views import EXTENSION, bind_pages, is_page

if TYPE_CHECKING:
    from app.quota.quota import Quota


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
    identity: Identity,
    guard: Guard,
    request_state: RequestState,
    page_size: int = PAGE_SIZE,
    quota: "Quota | None" = None,
) -> Server[Any]:
    """The SDK's server with the whole catalogue in it.

    Raises:
        CatalogueError: for something in it that cannot be served.
    """
    terms = Terms(guard, quota)
    catalogue = replace(catalogue, resources=bind_pages(catalogue.tools, catalogue.resources))
    tools = Tools(catalogue.tools, terms)
    server: Server[Any] = Server(
        identity.name,
        version=__version__,
        title=identity.title,
        description=identity.description,
        instructions=identity.instructions,
        website_url=identity.website_url,
        icons=icons_on_the_wire(identity.icons),
        # The lists say it themselves, because it depends on who asks.
        cache_hints={"server/discover": CacheHint(ttl_ms=LIST_TTL_MS, scope="private")},
    )
    server.add_request_handler(
        "tools/list", PaginatedRequestParams, Listing("tools", tools.listed, guard, page_size)
    )
    server.add_request_handler("tools/call", CallToolRequestParams, tools.call)
    _add_what_is_there(server, catalogue, terms, page_size)
    # Instead of the SDK's OpenTelemetry spans, which cost a tenth of a call and have no exporter here.
    server.middleware[:] = [request_state]
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
    if any(is_page(each) for each in catalogue.resources):
        server.extensions[EXTENSION] = {}
    if may_log([*catalogue.tools, *catalogue.prompts, *catalogue.resources]):
        server.add_request_handler("logging/setLevel", SetLevelRequestParams, accept_level)
    if completions:
        server.add_request_handler("completion/complete", CompleteRequestParams, completions.complete)
