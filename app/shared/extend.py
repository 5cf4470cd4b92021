"""YOURS: methods that no folder offers. Upstream does not change this file."""

from typing import Any

from mcp.server.lowlevel import Server


def extend(server: Server[Any]) -> None:
    """Add to the MCP SDK's server, once at start. Every caller with a valid token may use what you add."""
