"""A tool for machines alone."""

from app.auth.access import machine
from app.tool import tool


@tool(requires=machine())
async def purge() -> str:
    """Purge reports."""
    return "purged"
