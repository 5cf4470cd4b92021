"""A tool with a parameter of the SDK's own kind, which its client's user fills in."""

from typing import Annotated

from mcp.server.mcpserver import Elicit, Resolve
from pydantic import BaseModel

from app.authoring import tool


class Sure(BaseModel):
    sure: bool


async def sure() -> Elicit[Sure]:
    return Elicit("Sure?", Sure)


@tool()
async def resolves(answer: Annotated[Sure, Resolve(sure)]) -> str:
    """Say what the user said."""
    return str(answer.sure)
