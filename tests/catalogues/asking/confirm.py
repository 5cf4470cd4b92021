"""A tool that asks its user before it acts, over two round trips."""

from mcp.server.mcpserver import Context
from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult

from app.authoring import tool


@tool()
async def confirm(target: str, context: Context) -> str | InputRequiredResult:
    """Delete a thing once its user says so."""
    if context.request_state is not None:
        return f"resumed {context.request_state}"
    schema = {"type": "object", "properties": {"sure": {"type": "boolean"}}}
    question = ElicitRequest(params=ElicitRequestFormParams(message=f"Delete {target}?", requested_schema=schema))
    return InputRequiredResult(input_requests={"sure": question}, request_state="state of round one")
