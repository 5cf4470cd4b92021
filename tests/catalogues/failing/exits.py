"""A tool whose library thinks that it is a program."""

import sys

from app.tool import tool


@tool()
async def exits() -> str:
    """End."""
    sys.exit(3)
