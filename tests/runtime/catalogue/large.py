"""A tool whose result has any size."""

from mcp_types import CallToolResult, TextContent

from app.authoring import tool


@tool()
async def large(size: int) -> CallToolResult:
    """Answer with so many letters, once."""
    return CallToolResult(content=[TextContent(type="text", text="x" * size)])
