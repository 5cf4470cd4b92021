"""The tools: their entries in tools/list, and tools/call."""

from collections.abc import Sequence
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    InputRequiredResult,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as ListedTool

from app.authoring.tool import ToolMetadata
from app.protocol.catalogue.definition import ToolDefinition
from app.protocol.catalogue.pages import build_tool_meta
from app.protocol.serving.blocks import write_icons
from app.protocol.serving.function import ServedFunction
from app.protocol.serving.guard import KindGuard
from app.protocol.serving.prepare import prepare_function
from app.protocol.wire.errors import CallFailed, NotOffered


class Tools:
    """All tools, made ready once. A failure of a tool is a result, which the model reads."""

    def __init__(self, definitions: Sequence[ToolDefinition], guard: KindGuard) -> None:
        self._guard = guard.for_definitions(definitions)
        self._functions = {
            each.name: prepare_function("tool", each, self._guard, annotations=_build_annotations(each.metadata))
            for each in definitions
        }
        self.entries = [(each.definition, _build_entry(each)) for each in self._functions.values()]
        """For the list, in its order."""

    async def call(
        self, context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        """Answer tools/call.

        Raises:
            MCPError: the tool does not exist, or not for this caller; or the client has to be another one.
        """
        arguments = params.arguments or {}
        try:
            if (function := self._functions.get(params.name)) is None:
                await self._guard.refuse_unknown(arguments)
            result: CallToolResult | InputRequiredResult = await function(context, params, arguments)
        except NotOffered:
            # server/tools, Error Handling: an unknown tool is a protocol error. A hidden one gets the same answer.
            raise MCPError(INVALID_PARAMS, "There is no such tool. tools/list names those that exist.") from None
        except CallFailed as failed:
            return CallToolResult(content=[TextContent(text=failed.message)], is_error=True)
        return result


def _build_annotations(metadata: ToolMetadata) -> ToolAnnotations | None:
    """Only what the author set: `destructiveHint: false` is a promise, which we do not give for them."""
    annotations = ToolAnnotations(
        title=metadata.title,
        read_only_hint=metadata.read_only,
        destructive_hint=metadata.destructive,
        idempotent_hint=metadata.idempotent,
        open_world_hint=metadata.open_world,
    )
    return None if annotations == ToolAnnotations() else annotations


def _build_entry(function: ServedFunction) -> ListedTool:
    tool = function.tool
    return ListedTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.parameters,
        output_schema=tool.output_schema,
        annotations=tool.annotations,
        icons=write_icons(function.definition.metadata.icons),
        _meta=build_tool_meta(function.definition),
    )
