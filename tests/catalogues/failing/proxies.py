"""A tool that passes a call on to a server of somebody else, which refuses it."""

import asyncio
from typing import Any

from mcp import Client
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from app.authoring import tool


@tool()
async def proxies(code: int) -> str:
    """Ask another server."""

    async def refuse(context: Any, params: Any) -> Any:
        raise MCPError(code, "no row for sk_secret", {"requiredCapabilities": {"sk_secret": {}}})

    async with Client(Server("theirs", on_call_tool=refuse)) as client:
        # Past the client's own end, which would make a group of it.
        (refusal,) = await asyncio.gather(client.call_tool("theirs", {}), return_exceptions=True)
    assert isinstance(refusal, MCPError)
    raise refusal
