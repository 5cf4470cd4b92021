"""The MCP server object: tools made known to the SDK, and what a tool call answers."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError as SdkToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
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
from pydantic import ValidationError

from app import __version__
from app.catalogue import ToolDefinition
from app.injection import inject
from app.tool import ToolError, ToolMetadata

logger = logging.getLogger(__name__)

LIST_TTL_MS = 300_000
"""How long a client may keep a list: a deployment changes it, nothing else does."""


def create_server(
    definitions: Sequence[ToolDefinition], *, resource: str, request_state_keys: Sequence[bytes]
) -> Server[Any]:
    """The SDK's server with every tool in it.

    Request state is sealed and bound to the caller, the tool and its arguments; without shared keys it
    opens only in the environment that sealed it.
    """
    tools = {definition.name: _tool(definition) for definition in definitions}
    listed = ListToolsResult(tools=[_listed(tool) for tool in tools.values()])

    async def list_tools(
        context: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return listed

    async def call_tool(
        context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        return await _call(tools, context, params)

    server: Server[Any] = Server(
        "workos-mcp-lambda",
        version=__version__,
        cache_hints={
            "tools/list": CacheHint(ttl_ms=LIST_TTL_MS, scope="private"),
            "server/discover": CacheHint(ttl_ms=LIST_TTL_MS, scope="private"),
        },
        get_tool_input_schema=lambda name: tools[name].parameters if name in tools else None,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    keys = list(request_state_keys)
    security = RequestStateSecurity(keys=keys) if keys else RequestStateSecurity.ephemeral()
    server.middleware.append(RequestStateBoundary(security, default_audience=resource))
    return server


def _tool(definition: ToolDefinition) -> Tool:
    return Tool.from_function(
        inject(definition.function),
        name=definition.name,
        title=definition.metadata.title,
        description=definition.description,
        annotations=_annotations(definition.metadata),
    )


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
    tools: Mapping[str, Tool], context: ServerRequestContext[Any], params: CallToolRequestParams
) -> CallToolResult | InputRequiredResult:
    tool = tools.get(params.name)
    if tool is None:
        return _error("There is no such tool. tools/list names those that exist.")
    try:
        result: CallToolResult | InputRequiredResult = await tool.run(
            params.arguments or {}, Context(request_context=context, input_params=params), convert_result=True
        )
    except SdkToolError as error:
        return _error(_explain(tool.name, error))
    return result


def _explain(name: str, error: SdkToolError) -> str:
    """The text for the caller: our words, or the tool author's; a third party's stays in the log."""
    cause = error.__cause__
    if isinstance(cause, ToolError):
        return str(cause)
    if type(error) is SdkToolError and isinstance(cause, ValidationError):
        return "The arguments do not fit the tool's input schema. " + "; ".join(_argument_problems(cause))
    logger.error("tool raised", extra={"tool": name}, exc_info=cause or error)
    return "The tool failed unexpectedly. The cause is in the server's log."


def _argument_problems(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(str(part) for part in problem['loc']) or 'arguments'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _error(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
