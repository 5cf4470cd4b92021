"""A tool whose library thinks that it is a program."""

import sys

from app.authoring import tool


@tool()
async def exits() -> str:
    """End."""
    sys.exit(3)
