"""FastMCP with its AuthKit provider: stateless, JSON answers, held open under Mangum."""

import os

from fastmcp import FastMCP
from fastmcp.server.auth.providers.workos import AuthKitProvider

from bench.subjects.many import TOOLS
from bench.subjects.on_lambda import serve

mcp = FastMCP(
    "fastmcp",
    auth=AuthKitProvider(authkit_domain=os.environ["ISSUER"], base_url=os.environ["BASE_URL"]),
)


async def echo(text: str) -> str:
    """Say it back."""
    return text


for tool in (echo, *TOOLS):
    mcp.tool(tool)

handler = serve(mcp.http_app(path="/mcp", stateless_http=True, json_response=True))
