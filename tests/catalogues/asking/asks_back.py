"""A tool that asks the client while it runs, which a server without sessions cannot do."""

from mcp.server.mcpserver import Context
from pydantic import BaseModel

from app.authoring import tool


class Answer(BaseModel):
    sure: bool


@tool()
async def asks_back(context: Context) -> str:
    """Ask in the middle of the call."""
    await context.elicit("Sure?", Answer)
    return "unreachable"
