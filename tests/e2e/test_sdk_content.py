"""The MCP SDK's own client reads every kind of content, and what stands beside the names."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import (
    AudioContent,
    BlobResourceContents,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from app.identity import IDENTITY
from infra.local.gateway import create_gateway
from infra.local.loopback import LoopbackServer
from tests.e2e.test_sdk_client import MODES, Mode
from tests.loopback_issuer import LoopbackIssuer, loopback_issuer

pytestmark = pytest.mark.e2e
T = TypeVar("T")
Served = tuple[str, LoopbackIssuer]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with loopback_issuer() as vendor:
        gateway = create_gateway(vendor.settings, handler="tests.content_function", say=lambda line: None)
        with LoopbackServer(gateway) as server:
            yield f"{server.url}/mcp", vendor
            gateway.close()


@asynccontextmanager
async def connected(served: Served, mode: Mode) -> AsyncIterator[Client]:
    url, vendor = served
    headers = {"authorization": f"Bearer {vendor.issuer.token()}"}
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


def asked(served: Served, mode: Mode, question: Callable[[Client], Awaitable[T]]) -> T:
    async def ask() -> T:
        async with connected(served, mode) as client:
            return await question(client)

    return asyncio.run(ask())


def told(block: ContentBlock) -> Any:
    """What the block has in it, decoded."""
    match block:
        case TextContent():
            return block.text
        case ImageContent() | AudioContent():
            return block.mime_type, base64.b64decode(block.data)
        case EmbeddedResource(resource=TextResourceContents() as text):
            return text.uri, text.mime_type, text.text
        case EmbeddedResource(resource=BlobResourceContents() as blob):
            return blob.uri, blob.mime_type, base64.b64decode(blob.blob)
        case ResourceLink():
            return block.uri, block.title, [icon.src for icon in block.icons or ()]


PNG = b"\x89PNG\r\n\x1a\n and more"
KINDS: dict[str, list[Any]] = {
    "text": ["Hello"],
    "image": [("image/png", PNG)],
    "audio": [("audio/aac", b"\x00\x00\x00")],
    "embedded": [
        ("report://1", "text/csv", "a,b"),
        ("report://2", "application/octet-stream", b"\x00\xff"),
    ],
    "link": [("report://3", "The third", ["https://example.com/i.png", "https://example.com/i.svg"])],
    "both": ["Half of it.", ("image/png", PNG)],
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tool", KINDS)
def test_a_tools_content_arrives_as_its_author_gave_it(tool: str, mode: Mode, served: Served) -> None:
    result = asked(served, mode, lambda client: client.call_tool(tool, {}))

    assert [told(block) for block in result.content] == KINDS[tool]
    assert result.is_error is False
    assert result.structured_content == ({"day": "2026-11-23", "share": 0.5} if tool == "both" else None)


@pytest.mark.parametrize("mode", MODES)
def test_annotations_arrive(mode: Mode, served: Served) -> None:
    (block,) = asked(served, mode, lambda client: client.call_tool("text", {})).content

    assert isinstance(block, TextContent)
    assert block.annotations is not None
    assert block.annotations.audience == ["user", "assistant"]
    assert (block.annotations.priority, block.annotations.last_modified) == (1.0, "2026-11-23T09:30:00Z")


@pytest.mark.parametrize("mode", MODES)
def test_a_wrong_value_arrives_as_an_error_that_says_what_to_do(mode: Mode, served: Served) -> None:
    result = asked(served, mode, lambda client: client.call_tool("wrong_data", {"data": "?"}))

    assert result.is_error is True
    assert str(told(result.content[0])).endswith("give the bytes themselves, or padded base64")


@pytest.mark.parametrize("mode", MODES)
def test_a_prompts_messages_are_of_every_kind(mode: Mode, served: Served) -> None:
    prompt = asked(served, mode, lambda client: client.get_prompt("conversation", {"topic": "tea"}))

    assert [(message.role, message.content.type) for message in prompt.messages] == [
        ("user", "text"),
        ("assistant", "text"),
        ("user", "text"),
        ("assistant", "resource"),
        ("user", "image"),
        ("user", "audio"),
        ("user", "resource_link"),
    ]


@pytest.mark.parametrize("mode", MODES)
def test_a_resource_of_several_parts_arrives_whole(mode: Mode, served: Served) -> None:
    read = asked(served, mode, lambda client: client.read_resource("report://parts"))

    assert [each.uri for each in read.contents] == ["report://parts/1", "report://parts/2"]


@pytest.mark.parametrize("mode", MODES)
def test_icons_and_vendors_keys_arrive_with_the_lists(mode: Mode, served: Served) -> None:
    tools = asked(served, mode, lambda client: client.list_tools()).tools
    resources = asked(served, mode, lambda client: client.list_resources()).resources

    tool = next(each for each in tools if each.name == "described")
    resource = next(each for each in resources if each.name == "described")
    assert tool.icons is not None
    assert [icon.theme for icon in tool.icons] == [None, "dark"]
    assert (tool.meta, resource.meta) == ({"example.com/origin": "test"}, {"example.com/origin": "test"})
    assert resource.annotations is not None
    assert resource.annotations.priority == 0.3


@pytest.mark.parametrize("mode", MODES)
def test_the_client_learns_who_answers_and_what_to_know_first(mode: Mode, served: Served) -> None:
    async def who(client: Client) -> tuple[Any, Any]:
        return client.server_info, client.instructions

    info, instructions = asked(served, mode, who)

    assert (info.name, info.title) == (IDENTITY.name, IDENTITY.title)
    assert instructions == IDENTITY.instructions
