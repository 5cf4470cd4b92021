"""The same, not async."""

import sys

from app.authoring import tool


@tool()
def exits_in_a_thread() -> str:
    """End."""
    sys.exit(3)
