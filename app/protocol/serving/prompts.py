"""prompts/list and prompts/get."""

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
from app.protocol.serving.blocks import block_of, icons_on_the_wire
from app.protocol.serving.function import Served, Terms
from app.protocol.serving.prepare import prepare
from app.protocol.wire.errors import Unknown


class Prompts:
    """Every prompt, made ready once."""

    def __init__(self, definitions: Sequence[PromptDefinition], terms: Terms) -> None:
        self.terms = terms.among(definitions)
        self.served: Mapping[str, Served] = {
            each.name: prepare("prompt", each, self.terms, fit=_messages) for each in definitions
        }
        self.listed = [(served.definition, _listed(served)) for served in self.served.values()]

    async def get(
        self, context: ServerRequestContext[Any], params: GetPromptRequestParams
    ) -> GetPromptResult | InputRequiredResult:
        try:
            arguments = params.arguments or {}
            if (served := self.served.get(params.name)) is None:
                await self.terms.refuse_unknown(arguments)
            result: list[PromptMessage] | InputRequiredResult = await served(context, params, arguments)
        except Unknown:
            raise no_prompt() from None
        if isinstance(result, InputRequiredResult):
            return result
        return GetPromptResult(description=served.definition.description, messages=result)


def no_prompt() -> MCPError:
    """One answer for what does not exist and for what is hidden."""
    return MCPError(INVALID_PARAMS, "There is no such prompt. prompts/list names those that exist.")


def _listed(served: Served) -> ListedPrompt:
    schema, about = served.tool.parameters, served.definition.metadata
    required = schema.get("required", ())
    return ListedPrompt(
        name=served.tool.name,
        title=served.tool.title,
        description=served.tool.description,
        arguments=[
            PromptArgument(name=name, description=argument.get("description"), required=name in required)
            for name, argument in schema.get("properties", {}).items()
        ],
        icons=icons_on_the_wire(about.icons),
        _meta=about.meta,
    )


def _messages(returned: Any) -> list[PromptMessage] | InputRequiredResult:
    if isinstance(returned, InputRequiredResult):
        return returned
    return [_message(each) for each in (returned if isinstance(returned, list | tuple) else [returned])]


def _message(item: Any) -> PromptMessage:
    if isinstance(item, Message):
        return PromptMessage(role=item.role, content=block_of(item.content))
    return PromptMessage(role="user", content=block_of(item))
