"""Run under .venv-converters: google-genai and OpenAI Agents. conversion.py has input and output."""

import asyncio
from typing import Any

from tests.e2e.libraries.conversion import Formats, run


def google_genai(url: str, headers: dict[str, str]) -> Formats:
    import httpx2
    from google.genai._mcp_utils import mcp_to_gemini_tools
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async def load() -> Any:
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            return (await client.list_tools()).tools

    tools = asyncio.run(load())
    # What generate_content calls with the tools of a session.
    return {"Gemini": lambda: [each for tool in mcp_to_gemini_tools(tools) for each in tool.function_declarations]}


def openai_agents(url: str, headers: dict[str, str]) -> Formats:
    from agents.mcp import MCPServerStreamableHttp, MCPUtil

    async def load(*, strict: bool) -> Any:
        async with MCPServerStreamableHttp(params={"url": url, "headers": headers}) as server:
            tools = await server.list_tools()
            return [MCPUtil.to_function_tool(tool, server, convert_schemas_to_strict=strict) for tool in tools]

    def convert(*, strict: bool) -> list[Any]:
        return [
            {"name": tool.name, "description": tool.description, "parameters": tool.params_json_schema}
            for tool in asyncio.run(load(strict=strict))
        ]

    return {"OpenAI": lambda: convert(strict=False), "OpenAI strict": lambda: convert(strict=True)}


if __name__ == "__main__":
    run({each.__name__: each for each in (google_genai, openai_agents)})
