"""What a server offers to the caller: its tools, prompts and resources."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from mcp import Client
from mcp_types import Prompt, Resource, ResourceTemplate, Tool
from pydantic import BaseModel

MAX_PAGES = 1000
"""A server whose list never ends does not keep the command; nor does one that gives the same cursor again."""


class _Page(Protocol):
    next_cursor: str | None


Page = TypeVar("Page", bound=_Page)


@dataclass(slots=True)
class Offers:
    name: str
    version: str
    protocol: str
    tools: list[Tool] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    templates: list[ResourceTemplate] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The lists as the protocol has them."""
        lists: dict[str, Sequence[BaseModel]] = {
            "tools": self.tools,
            "prompts": self.prompts,
            "resources": self.resources,
            "resourceTemplates": self.templates,
        }
        return {
            "server": {"name": self.name, "version": self.version},
            "protocolVersion": self.protocol,
            **{
                name: [each.model_dump(mode="json", by_alias=True, exclude_none=True) for each in found]
                for name, found in lists.items()
            },
        }


async def fetch_tools(client: Client) -> list[Tool]:
    return [each for page in await _fetch_pages(client.list_tools) for each in page.tools]


async def fetch_offers(client: Client) -> Offers:
    server, able = client.server_info, client.server_capabilities
    offers = Offers(
        (server.title or server.name) if server else "a server without a name",
        server.version if server else "",
        client.protocol_version,
    )
    if able.tools:
        offers.tools = await fetch_tools(client)
    if able.prompts:
        offers.prompts = [each for page in await _fetch_pages(client.list_prompts) for each in page.prompts]
    if able.resources:
        pages = await _fetch_pages(client.list_resources)
        offers.resources = [each for page in pages for each in page.resources]
        template_pages = await _fetch_pages(client.list_resource_templates)
        offers.templates = [each for page in template_pages for each in page.resource_templates]
    return offers


async def _fetch_pages(fetch: Callable[..., Awaitable[Page]]) -> list[Page]:
    pages = [await fetch()]
    cursors: set[str | None] = {None, ""}
    while (cursor := pages[-1].next_cursor) not in cursors and len(pages) < MAX_PAGES:
        cursors.add(cursor)
        pages.append(await fetch(cursor=cursor))
    return pages
