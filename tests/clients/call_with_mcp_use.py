"""Log in with mcp-use and call `whoami`: run by its own environment, as `call_with_mcp_use.py URL`."""

import asyncio
import sys

from mcp_use import MCPClient


async def main(url: str) -> None:
    client = MCPClient(config={"mcpServers": {"here": {"url": url, "auth": {}}}})
    session = await client.create_session("here")
    print((await session.call_tool("whoami", {})).structuredContent)
    await client.close_all_sessions()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
