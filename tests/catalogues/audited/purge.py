"""A tool for machines alone."""

from app.authoring import machine, tool


@tool(requires=machine())
async def purge() -> str:
    """Purge reports."""
    return "purged"
