"""A prompt that asks its user something first, over two round trips."""

from mcp.server.mcpserver import Context
from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult

from app.authoring import prompt


@prompt()
async def confirmed(context: Context) -> str | InputRequiredResult:
    """Ask first."""
    if context.request_state is not None:
        return f"resumed {context.request_state}"
    schema = {"type": "object", "properties": {"sure": {"type": "boolean"}}}
    question = ElicitRequest(params=ElicitRequestFormParams(message="Sure?", requested_schema=schema))
    return InputRequiredResult(input_requests={"sure": question}, request_state="state of round one")
