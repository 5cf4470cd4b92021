"""A tool that reports progress while it runs."""

from mcp.server.mcpserver import Context

from app.authoring import tool


@tool()
async def notifies(context: Context) -> str:
    """Count to two."""
    await context.report_progress(1, total=2, message="half")
    await context.report_progress(2)
    return "done"


async def passed_on() -> str:
    """Not a tool: it has no decorator."""
    return "x"
