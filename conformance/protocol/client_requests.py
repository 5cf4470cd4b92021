"""What a result asks of the client before it is complete (SEP-2322), in the SDK's words."""

from typing import Any

from mcp.server.mcpserver import Context
from mcp_types import (
    CreateMessageRequest,
    CreateMessageRequestParams,
    ElicitRequest,
    ElicitRequestFormParams,
    InputRequiredResult,
    ListRootsRequest,
    SamplingMessage,
    TextContent,
)


def form(message: str, **properties: str) -> ElicitRequest:
    """Ask the user for values, all required: name and JSON type of each."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in properties.items()},
        "required": list(properties),
    }
    return ElicitRequest(params=ElicitRequestFormParams(message=message, requested_schema=schema))


def sampling(text: str, max_tokens: int) -> CreateMessageRequest:
    """Ask the client's model."""
    message = SamplingMessage(role="user", content=TextContent(text=text))
    return CreateMessageRequest(params=CreateMessageRequestParams(messages=[message], max_tokens=max_tokens))


def roots() -> ListRootsRequest:
    """Ask for the client's folders."""
    return ListRootsRequest()


def asks(state: str | None = None, **requests: Any) -> InputRequiredResult:
    """The result that asks; its state comes back sealed."""
    return InputRequiredResult(input_requests=requests, request_state=state)


def answers(context: Context, *names: str) -> list[Any] | None:
    """What the client answered, if it answered all of them."""
    given = context.input_responses or {}
    return [given[name] for name in names] if all(name in given for name in names) else None
