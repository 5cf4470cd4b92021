"""A tool with arguments of any number."""

from typing import Annotated

from pydantic import Field

from app.authoring import tool


@tool()
async def many_numbers(
    numbers: list[int],
    names: dict[str, int] | None = None,
    size: int = 0,
    region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})] = "eu",
) -> str:
    """Answer with as many characters as asked for."""
    return "€" * size
