"""tools/list and tools/call."""

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
from app.protocol.serving.blocks import icons_on_the_wire
from app.protocol.serving.function import Served, Terms
from app.protocol.serving.prepare import prepare
from app.protocol.wire.errors import Failed, Unknown


class Tools:
    """Every tool, made ready once. What goes wrong with one is a result, for the model to read."""

    def __init__(self, definitions: Sequence[ToolDefinition], terms: Terms) -> None:
        self._terms = terms.among(definitions)
        self._served = {
            each.name: prepare("tool", each, self._terms, annotations=_annotations(each.metadata))
            for each in definitions
        }
        self.listed = [(served.definition, _listed(served)) for served in self._served.values()]

    async def call(
        self, context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        arguments = params.arguments or {}
        try:
            if (served := self._served.get(params.name)) is None:
                await self._terms.refuse_unknown(arguments)
            result: CallToolResult | InputRequiredResult = await served(context, params, arguments)
        except Unknown:
            # server/tools, Error Handling: an unknown tool is a protocol error. One answer for hidden ones too.
            raise MCPError(INVALID_PARAMS, "There is no such tool. tools/list names those that exist.") from None
        except Failed as failed:
            return _error(failed.message)
        return result


def _annotations(metadata: ToolMetadata) -> ToolAnnotations | None:
    """What the author said, and no more: `destructiveHint: false` is a promise, which nobody gave by silence."""
    said = ToolAnnotations(
        title=metadata.title,
        read_only_hint=metadata.read_only,
        destructive_hint=metadata.destructive,
        idempotent_hint=metadata.idempotent,
        open_world_hint=metadata.open_world,
    )
    return None if said == ToolAnnotations() else said


def _listed(served: Served) -> ListedTool:
    tool = served.tool
    return ListedTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.parameters,
        output_schema=tool.output_schema,
        annotations=tool.annotations,
        icons=icons_on_the_wire(served.definition.metadata.icons),
        _meta=build_tool_meta(served.definition),
    )


def _error(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=text)], is_error=True)
