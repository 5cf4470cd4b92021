"""No."""

from app.tool import tool


@tool(title="No", read_only=True)
async def no(text: str) -> str:
    """Say what the tool does: the model reads this line to decide when to call it."""
    return text
