"""The prompts: their entries in prompts/list, and prompts/get."""

from collections.abc import Mapping, Sequence
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    GetPromptRequestParams,
    GetPromptResult,
    InputRequiredResult,
    PromptArgument,
    PromptMessage,
)
from mcp_types import Prompt as ListedPrompt

from app.authoring.prompt import Message
from app.protocol.catalogue.definition import PromptDefinition
from app.protocol.serving.blocks import write_block, write_icons
from app.protocol.serving.function import ServedFunction
from app.protocol.serving.guard import KindGuard
from app.protocol.serving.prepare import prepare_function
from app.protocol.wire.errors import NotOffered


class Prompts:
    """All prompts, made ready once."""

    def __init__(self, definitions: Sequence[PromptDefinition], guard: KindGuard) -> None:
        self.guard = guard.for_definitions(definitions)
        self.functions: Mapping[str, ServedFunction] = {
            each.name: prepare_function("prompt", each, self.guard, convert=_write_messages)
            for each in definitions
        }
        """By name."""
        self.entries = [(each.definition, _build_entry(each)) for each in self.functions.values()]
        """For the list, in its order."""

    async def get(
        self, context: ServerRequestContext[Any], params: GetPromptRequestParams
    ) -> GetPromptResult | InputRequiredResult:
        """Answer prompts/get.

        Raises:
            MCPError: the prompt does not exist, not for this caller, or failed.
        """
        arguments = params.arguments or {}
        try:
            if (function := self.functions.get(params.name)) is None:
                await self.guard.refuse_unknown(arguments)
            result: list[PromptMessage] | InputRequiredResult = await function(context, params, arguments)
        except NotOffered:
            raise build_unknown_prompt() from None
        if isinstance(result, InputRequiredResult):
            return result
        return GetPromptResult(description=function.definition.description, messages=result)


def build_unknown_prompt() -> MCPError:
    """The error for a prompt that does not exist, and for one that is hidden from the caller."""
    return MCPError(INVALID_PARAMS, "There is no such prompt. prompts/list names those that exist.")


def _build_entry(function: ServedFunction) -> ListedPrompt:
    tool, metadata = function.tool, function.definition.metadata
    required = tool.parameters.get("required", ())
    return ListedPrompt(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        arguments=[
            PromptArgument(name=name, description=argument.get("description"), required=name in required)
            for name, argument in tool.parameters.get("properties", {}).items()
        ],
        icons=write_icons(metadata.icons),
        _meta=metadata.meta,
    )


def _write_messages(returned: Any) -> list[PromptMessage] | InputRequiredResult:
    if isinstance(returned, InputRequiredResult):
        return returned
    return [_write_message(each) for each in (returned if isinstance(returned, list | tuple) else [returned])]


def _write_message(item: Any) -> PromptMessage:
    if isinstance(item, Message):
        return PromptMessage(role=item.role, content=write_block(item.content))
    return PromptMessage(role="user", content=write_block(item))
