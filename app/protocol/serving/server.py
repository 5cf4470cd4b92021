"""The MCP server object: everything that is offered, behind one guard, on the SDK's server."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mcp.server.caching import CacheHint
from mcp.server.lowlevel.server import Server
from mcp_types import (
    CallToolRequestParams,
    CompleteRequestParams,
    GetPromptRequestParams,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    SetLevelRequestParams,
)

from app.authoring.identity import Identity
from app.protocol.asking.request_state import RequestState
from app.protocol.catalogue.catalogue import Catalogue
from app.protocol.catalogue.pages import EXTENSION, bind_pages, is_page
from app.protocol.serving.blocks import icons_on_the_wire
from app.protocol.serving.completions import Completions
from app.protocol.serving.function import Terms
from app.protocol.serving.guard import LIST_TTL_MS, Guard
from app.protocol.serving.lists import PAGE_SIZE, Listing
from app.protocol.serving.log_level import accept_level, may_log
from app.protocol.serving.prompts import Prompts
from app.protocol.serving.resources import Resources
from app.protocol.serving.tools import Tools

if TYPE_CHECKING:
    from app.access.quota import Quota


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
    server = Server[Any](
        identity.name,
        version=identity.version,
        title=identity.title,
        description=identity.description,
        instructions=identity.instructions,
        website_url=identity.website_url,
        icons=icons_on_the_wire(identity.icons),
        # The lists say it themselves, because it depends on who asks.
        cache_hints={"server/discover": CacheHint(ttl_ms=LIST_TTL_MS, scope="private")},
    )

    def add_list(method: str, key: str, offered: Sequence[Any]) -> None:
        listing = Listing(method, key, offered, guard, page_size=page_size)
        server.add_request_handler(method, PaginatedRequestParams, listing)

    server.add_request_handler("tools/call", CallToolRequestParams, tools.call)
    add_list("tools/list", "tools", tools.listed)
    _add_what_is_there(server, catalogue, terms, add_list)
    # Instead of the SDK's OpenTelemetry spans, which cost a tenth of a call and have no exporter here.
    server.middleware[:] = [request_state]
    return server


def _add_what_is_there(
    server: Server[Any], catalogue: Catalogue, terms: Terms, add_list: Callable[[str, str, Sequence[Any]], None]
) -> None:
    """A method that is registered is a capability that is declared: an empty folder declares none."""
    prompts, resources = Prompts(catalogue.prompts, terms), Resources(catalogue.resources, terms)
    completions = Completions(prompts, resources)

    if catalogue.prompts:
        add_list("prompts/list", "prompts", prompts.listed)
        server.add_request_handler("prompts/get", GetPromptRequestParams, prompts.get)
    if catalogue.resources:
        add_list("resources/list", "resources", resources.listed)
        add_list("resources/templates/list", "resourceTemplates", resources.listed_templates)
        server.add_request_handler("resources/read", ReadResourceRequestParams, resources.read)
    if any(is_page(each) for each in catalogue.resources):
        server.extensions[EXTENSION] = {}
    if may_log([*catalogue.tools, *catalogue.prompts, *catalogue.resources]):
        server.add_request_handler("logging/setLevel", SetLevelRequestParams, accept_level)
    if completions:
        server.add_request_handler("completion/complete", CompleteRequestParams, completions.complete)
