"""The MCP server object: tools made known to the SDK, and what a tool call answers."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError as SdkToolError
from mcp.server.mcpserver.tools import Tool
from mcp.shared.inbound import x_mcp_header_map
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    InputRequiredResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as ListedTool
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from app import __version__
from app.catalogue import CatalogueError, ToolDefinition
from app.injection import inject
from app.protocol.explain import explain
from app.protocol.request_state import Keys, LazyRequestState
from app.tool import ToolMetadata

TOOL_SECONDS = 25.0
"""A tool's time in all: the gateway ends the request after 30 s and would tell its caller nothing."""
LIST_TTL_MS = 300_000
"""How long a client may keep a list: a deployment changes it, nothing else does."""


def create_server(
    definitions: Sequence[ToolDefinition],
    *,
    resource: str,
    request_state_keys: Keys,
    tool_seconds: float = TOOL_SECONDS,
) -> Server[Any]:
    """The SDK's server with every tool in it; `tool_seconds` is what one call of a tool may take."""
    tools = {definition.name: _tool(definition) for definition in definitions}
    # Only these have arguments that Mcp-Param-* headers repeat: found once, not on every call.
    mirrored = {name: tool.parameters for name, tool in tools.items() if x_mcp_header_map(tool.parameters)}
    listed = ListToolsResult(tools=[_listed(tool) for tool in tools.values()])

    async def list_tools(
        context: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return listed

    async def call_tool(
        context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        return await _call(tools, context, params, tool_seconds)

    server: Server[Any] = Server(
        "workos-mcp-lambda",
        version=__version__,
        cache_hints={
            "tools/list": CacheHint(ttl_ms=LIST_TTL_MS, scope="private"),
            "server/discover": CacheHint(ttl_ms=LIST_TTL_MS, scope="private"),
        },
        get_tool_input_schema=mirrored.get,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    # Instead of the SDK's OpenTelemetry spans, which cost a tenth of a call and have no exporter here.
    server.middleware[:] = [LazyRequestState(request_state_keys, audience=resource)]
    return server


def _tool(definition: ToolDefinition) -> Tool:
    try:
        return Tool.from_function(
            inject(definition.function),
            name=definition.name,
            title=definition.metadata.title,
            description=definition.description,
            annotations=_annotations(definition.metadata),
        )
    except Exception as error:
        raise CatalogueError(f"tool {definition.name} has a type that no schema can show: {error}") from error


def _annotations(metadata: ToolMetadata) -> ToolAnnotations:
    return ToolAnnotations(
        title=metadata.title,
        read_only_hint=metadata.read_only,
        destructive_hint=metadata.destructive,
        idempotent_hint=metadata.idempotent,
        open_world_hint=metadata.open_world,
    )


def _listed(tool: Tool) -> ListedTool:
    return ListedTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.parameters,
        output_schema=tool.output_schema,
        annotations=tool.annotations,
    )


async def _call(
    tools: Mapping[str, Tool], context: ServerRequestContext[Any], params: CallToolRequestParams, seconds: float
) -> CallToolResult | InputRequiredResult:
    tool = tools.get(params.name)
    if tool is None:
        return _error("There is no such tool. tools/list names those that exist.")
    try:
        async with asyncio.timeout(seconds) as patience:
            result = await _run(tool, context, params)
    except SdkToolError as error:
        return _error(explain(tool, error))
    except TimeoutError:
        assert patience.expired()  # noqa: S101 - a tool's own TimeoutError is an SdkToolError
        return _error(f"The tool was ended after {seconds:g} seconds. It may have done part of its work.")
    if isinstance(result, InputRequiredResult) and context.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS:
        return _error("This tool asks back before it acts, which needs a client of protocol version 2026-07-28.")
    return result


async def _run(
    tool: Tool, context: ServerRequestContext[Any], params: CallToolRequestParams
) -> CallToolResult | InputRequiredResult:
    try:
        result: CallToolResult | InputRequiredResult = await tool.run(
            params.arguments or {}, Context(request_context=context, input_params=params), convert_result=True
        )
    except (asyncio.CancelledError, SystemExit) as error:
        if (task := asyncio.current_task()) is not None and task.cancelling():
            raise
        # Of the tool's own making: a task of its was cancelled, or a library called sys.exit().
        raise SdkToolError(f"{type(error).__name__} in {tool.name}") from error
    return result


def _error(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
