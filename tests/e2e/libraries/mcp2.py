"""Run under .venv-converters-mcp2: libraries on version 2 of the MCP SDK. conversion.py has input and output."""

import asyncio
from dataclasses import replace
from typing import Any

from tests.e2e.libraries.conversion import Formats, run


def pydantic_ai(url: str, headers: dict[str, str]) -> Formats:
    from pydantic_ai import Agent
    from pydantic_ai.mcp import MCPToolset
    from pydantic_ai.messages import ModelResponse, TextPart
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.models.function import FunctionModel
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.anthropic import AnthropicProvider
    from pydantic_ai.providers.google import GoogleProvider
    from pydantic_ai.providers.openai import OpenAIProvider

    tools: list[Any] = []

    def answer(_: Any, about: Any) -> Any:
        tools.extend(about.function_tools)
        return ModelResponse(parts=[TextPart("done")])

    asyncio.run(Agent(FunctionModel(answer), toolsets=[MCPToolset(url, headers=headers)]).run("Hello"))

    def convert(model: Any, *, strict: bool | None = None) -> list[Any]:
        given = ModelRequestParameters(function_tools=[replace(tool, strict=strict) for tool in tools])
        _, changed = model.prepare_request(None, given)
        return [
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters_json_schema}
            for tool in changed.function_tools
        ]

    openai = OpenAIChatModel("gpt-5", provider=OpenAIProvider(api_key="unused"))
    anthropic = AnthropicModel("claude-sonnet-4-5", provider=AnthropicProvider(api_key="unused"))
    gemini = GoogleModel("gemini-3-pro", provider=GoogleProvider(api_key="unused"))
    return {
        "OpenAI": lambda: convert(openai),
        "OpenAI strict": lambda: convert(openai, strict=True),
        "Anthropic": lambda: convert(anthropic),
        "Gemini": lambda: convert(gemini),
    }


def adk(url: str, headers: dict[str, str]) -> Formats:
    from google.adk.models import LlmRequest
    from google.adk.tools.mcp_tool import McpToolset, StreamableHTTPConnectionParams

    async def load() -> Any:
        toolset = McpToolset(connection_params=StreamableHTTPConnectionParams(url=url, headers=headers))
        request = LlmRequest()
        for tool in await toolset.get_tools():
            await tool.process_llm_request(tool_context=None, llm_request=request)
        await toolset.close()
        return request.config.tools

    tools = asyncio.run(load())
    return {"Gemini": lambda: [each for tool in tools for each in tool.function_declarations]}


def strands(url: str, headers: dict[str, str]) -> Formats:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client
    from strands.models.gemini import GeminiModel
    from strands.tools.mcp import MCPClient

    def connect() -> Any:
        return streamable_http_client(url, http_client=httpx2.AsyncClient(headers=headers))

    with MCPClient(connect) as client:
        tools = [tool.tool_spec for tool in client.list_tools_sync()]
    gemini = GeminiModel(client_args={"api_key": "unused"}, model_id="gemini-3-pro")
    return {
        "Bedrock": lambda: tools,
        "Gemini": lambda: gemini._format_request_tools(tools)[0].function_declarations,
    }


def llama_index(url: str, headers: dict[str, str]) -> Formats:
    from llama_index.tools.mcp import BasicMCPClient, McpToolSpec

    tools = asyncio.run(McpToolSpec(BasicMCPClient(url, headers=headers)).to_tool_list_async())
    return {"OpenAI": lambda: [tool.metadata.to_openai_tool() for tool in tools]}


def agno(url: str, headers: dict[str, str]) -> Formats:
    from agno.tools.mcp import MCPTools, StreamableHTTPClientParams
    from agno.utils.gemini import format_function_definitions
    from agno.utils.models.claude import format_tools_for_model

    async def load() -> Any:
        server = StreamableHTTPClientParams(url=url, headers=headers)
        async with MCPTools(transport="streamable-http", server_params=server) as toolkit:
            return [{"type": "function", "function": each.to_dict()} for each in toolkit.functions.values()]

    tools = asyncio.run(load())
    return {
        "OpenAI": lambda: tools,
        "Anthropic": lambda: format_tools_for_model(tools),
        "Gemini": lambda: format_function_definitions(tools).function_declarations,
    }


def haystack(url: str, headers: dict[str, str]) -> Formats:
    from haystack_integrations.tools.mcp import MCPToolset, StreamableHttpServerInfo

    toolset = MCPToolset(StreamableHttpServerInfo(url=url, headers=headers), eager_connect=True)
    tools = [tool.tool_spec for tool in toolset]
    toolset.close()
    return {"OpenAI": lambda: tools}


if __name__ == "__main__":
    run({each.__name__: each for each in (pydantic_ai, adk, strands, llama_index, agno, haystack)})
