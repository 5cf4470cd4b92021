"""MCP Apps (SEP-1865): which page shows a tool's results. A page is hidden from callers without its tools."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.access.declaration import declare
from app.access.requirements import (
    AllOf,
    AnyOf,
    Check,
    DeclarationError,
    Requirement,
    Scope,
    all_of,
    any_of,
    anyone,
)
from app.authoring.pages import SCHEME, UI
from app.protocol.catalogue.definition import CatalogueError, ResourceDefinition, ToolDefinition

EXTENSION = "io.modelcontextprotocol/ui"


def bind_pages(
    tools: Sequence[ToolDefinition], resources: Sequence[ResourceDefinition]
) -> tuple[ResourceDefinition, ...]:
    """The resources; only who may call one of a page's tools may read the page.

    Raises:
        CatalogueError: a tool names a page that does not exist, or a page has variables in its URI.
    """
    tools_by_page: dict[str, list[ToolDefinition]] = {}
    for tool in tools:
        if tool.metadata.ui is not None:
            tools_by_page.setdefault(tool.metadata.ui, []).append(tool)
    pages = {each.metadata.uri: each for each in resources if is_page(each)}
    for uri in sorted(tools_by_page.keys() - pages.keys()):
        tool = tools_by_page[uri][0]
        raise CatalogueError(
            f'{tool.file}: tool {tool.name} is shown on "{uri}", which no file in app/resources/ is; '
            f'add one with @resource("{uri}"), or remove ui='
        )
    return tuple(_restrict_to_tools(each, tools_by_page.get(each.metadata.uri, ())) for each in resources)


def is_page(resource: ResourceDefinition) -> bool:
    return resource.metadata.uri.startswith(SCHEME)


def build_tool_meta(tool: ToolDefinition) -> dict[str, Any] | None:
    """`_meta` of a tool in its list."""
    about = tool.metadata
    if about.ui is None:
        return dict(about.meta) if about.meta else None
    visibility = {"visibility": list(about.visibility)} if about.visibility else {}
    return {**(about.meta or {}), "ui": {"resourceUri": about.ui, **visibility}}


def build_page_meta(resource: ResourceDefinition) -> dict[str, Any] | None:
    """`_meta` of a resource, in its list and beside its content, where hosts look first."""
    about = resource.metadata
    framed = _describe_frame(about.ui) if about.ui else {}
    return {**(about.meta or {}), **({"ui": framed} if framed else {})} or None


def _describe_frame(ui: UI) -> dict[str, Any]:
    domains = {
        "connectDomains": list(ui.connect),
        "resourceDomains": list(ui.load),
        "frameDomains": list(ui.frame),
        "baseUriDomains": list(ui.base),
    }
    members: dict[str, Any] = {
        "csp": {name: origins for name, origins in domains.items() if origins} or None,
        "permissions": {_to_camel_case(name): {} for name in ui.permissions} or None,
        "domain": ui.domain,
        "prefersBorder": ui.border,
    }
    return {name: value for name, value in members.items() if value is not None}


def _to_camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _restrict_to_tools(resource: ResourceDefinition, tools: Sequence[ToolDefinition]) -> ResourceDefinition:
    if is_page(resource) and "{" in resource.metadata.uri:
        raise CatalogueError(
            f"{resource.file}: resource {resource.name} is a page with variables in its URI, which no tool can "
            "name; give it one URI, its data comes with the tool's result"
        )
    if not tools:
        return resource
    own = resource.metadata.access
    requires = all_of(own.requires, any_of(*(relax_for_list(tool.metadata.access.requires) for tool in tools)))
    try:
        access = declare(
            requires, discoverable=own.discoverable or any(each.metadata.access.discoverable for each in tools)
        )
    except DeclarationError:
        raise CatalogueError(
            f"{resource.file}: resource {resource.name} is the page of tools whose callers may not read it; "
            "give it requires=anyone(), or the tools no ui="
        ) from None
    return replace(resource, metadata=replace(resource.metadata, access=access))


def relax_for_list(requirement: Requirement) -> Requirement:
    """The same without checks of a call's arguments, and without scopes, for what belongs to a thing in a list.

    Reading a tool's page asks no user to log in, and neither does fetching a result.
    """
    if isinstance(requirement, AllOf | AnyOf):
        return type(requirement)(tuple(relax_for_list(part) for part in requirement.parts))
    return anyone() if isinstance(requirement, Check | Scope) else requirement
