"""Puts everything that is offered on the SDK's server, behind the guard."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp_types import (
    CallToolRequestParams,
    CompleteRequestParams,
    EmptyResult,
    GetPromptRequestParams,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    SetLevelRequestParams,
)

from app.authoring.call import get_call
from app.authoring.identity import Identity
from app.protocol.asking.request_state import RequestState
from app.protocol.catalogue.catalogue import Catalogue
from app.protocol.catalogue.definition import Definition
from app.protocol.catalogue.injection import InjectionPlan
from app.protocol.catalogue.pages import EXTENSION, bind_pages, is_page
from app.protocol.serving.blocks import write_icons
from app.protocol.serving.completions import Completions
from app.protocol.serving.guard import MAX_LIST_AGE_MS, Guard, KindGuard
from app.protocol.serving.lists import PAGE_SIZE, Listing
from app.protocol.serving.prompts import Prompts
from app.protocol.serving.resources import Resources
from app.protocol.serving.tools import LongWork, Tools

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
    work: LongWork | None = None,
) -> Server[Any]:
    """The SDK's server with the whole catalogue.

    Args:
        catalogue: What the folders offer.
        identity: How the server introduces itself.
        guard: Decides what each caller sees and may use.
        request_state: Seals the state of calls that ask their user.
        page_size: Entries on one page of a list.
        quota: Counts tool calls.
        work: Serves the tools that work in the background, if there are any.

    Raises:
        CatalogueError: a file offers something that cannot be served.
    """
    catalogue = replace(catalogue, resources=bind_pages(catalogue.tools, catalogue.resources))
    server = Server[Any](
        identity.name,
        version=identity.version,
        title=identity.title,
        description=identity.description,
        instructions=identity.instructions,
        website_url=identity.website_url,
        icons=write_icons(identity.icons),
        # The lists set theirs themselves, because it depends on the caller.
        cache_hints={"server/discover": CacheHint(ttl_ms=MAX_LIST_AGE_MS, scope="private")},
    )
    # This replaces the SDK's OpenTelemetry spans, which take a tenth of a call and have no exporter here.
    server.middleware[:] = [request_state]
    _Methods(server, guard, page_size, work).add(catalogue, KindGuard(guard, quota))
    return server


@dataclass(frozen=True, slots=True)
class _Methods:
    """Adds methods to a server. Each declares a capability, so an empty folder gets none."""

    server: Server[Any]
    guard: Guard
    page_size: int
    work: LongWork | None

    def add(self, catalogue: Catalogue, kind_guard: KindGuard) -> None:
        tools = Tools(catalogue.tools, kind_guard, self.work)
        prompts = Prompts(catalogue.prompts, kind_guard)
        resources = Resources(catalogue.resources, kind_guard)
        completions = Completions(prompts, resources)
        self.server.add_request_handler("tools/call", CallToolRequestParams, tools.call)
        self._add_list("tools/list", "tools", tools.entries)
        if catalogue.prompts:
            self._add_list("prompts/list", "prompts", prompts.entries)
            self.server.add_request_handler("prompts/get", GetPromptRequestParams, prompts.get)
        if catalogue.resources:
            self._add_resources(catalogue, resources)
        if _has_logs([*catalogue.tools, *catalogue.prompts, *catalogue.resources]):
            self.server.add_request_handler("logging/setLevel", SetLevelRequestParams, accept_log_level)
        if completions:
            self.server.add_request_handler("completion/complete", CompleteRequestParams, completions.complete)
        if self.work:
            self.work.add_methods(self.server, tools, partial(self._make_list, "tools/list", "tools"))

    def _add_resources(self, catalogue: Catalogue, resources: Resources) -> None:
        self._add_list("resources/list", "resources", resources.entries)
        self._add_list("resources/templates/list", "resourceTemplates", resources.template_entries)
        self.server.add_request_handler("resources/read", ReadResourceRequestParams, resources.read)
        if any(is_page(each) for each in catalogue.resources):
            self.server.extensions[EXTENSION] = {}

    def _add_list(self, method: str, key: str, entries: Sequence[Any]) -> None:
        self.server.add_request_handler(method, PaginatedRequestParams, self._make_list(method, key, entries))

    def _make_list(self, method: str, key: str, entries: Sequence[Any]) -> Listing:
        return Listing(method, key, entries, self.guard, page_size=self.page_size)


def _has_logs(definitions: Iterable[Definition[Any]]) -> bool:
    """Whether one of the functions takes the call, itself or in a dependency, and so can log to its client."""
    return any(InjectionPlan.for_function(each.function).needs(get_call) for each in definitions)


async def accept_log_level(context: ServerRequestContext[Any], params: SetLevelRequestParams) -> EmptyResult:
    """Answer logging/setLevel. The level has no session to hold for; `Era.log_level` says which one counts.

    With an error, clients of the 2025 era would give up all logs. 2026-07-28 has no such method.
    """
    return EmptyResult()
