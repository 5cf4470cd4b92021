"""Run under .venv-converters-mcp1: libraries on version 1 of the MCP SDK. conversion.py has input and output."""

import asyncio
import sys
from functools import partial
from types import ModuleType
from typing import Any

from tests.e2e.libraries.conversion import Formats, run


def langchain(url: str, headers: dict[str, str]) -> Formats:
    from langchain_anthropic import ChatAnthropic
    from langchain_google_genai._function_utils import convert_to_genai_function_declarations
    from langchain_mcp_adapters.client import MultiServerMCPClient
    from langchain_openai import ChatOpenAI

    client = MultiServerMCPClient({"server": {"transport": "streamable_http", "url": url, "headers": headers}})
    tools = asyncio.run(client.get_tools())
    openai = ChatOpenAI(model="gpt-5", api_key="unused")
    anthropic = ChatAnthropic(model="claude-sonnet-4-5", api_key="unused")
    return {
        "OpenAI": lambda: openai.bind_tools(tools).kwargs["tools"],
        "OpenAI strict": lambda: openai.bind_tools(tools, strict=True).kwargs["tools"],
        "Anthropic": lambda: anthropic.bind_tools(tools).kwargs["tools"],
        # What ChatGoogleGenerativeAI calls when it sends a request.
        "Gemini": lambda: _declarations(convert_to_genai_function_declarations(tools)),
    }


def _declarations(tools: Any) -> list[Any]:
    return [declaration for tool in tools for declaration in tool.function_declarations]


def smolagents(url: str, headers: dict[str, str]) -> Formats:
    from smolagents import MCPClient
    from smolagents.models import get_tool_json_schema

    server = {"url": url, "transport": "streamable-http", "headers": headers}
    with MCPClient(server, structured_output=True) as tools:
        return {"OpenAI": lambda: [get_tool_json_schema(tool) for tool in tools]}


def autogen(url: str, headers: dict[str, str]) -> Formats:
    from autogen_ext.tools.mcp import StreamableHttpServerParams, mcp_server_tools

    server = StreamableHttpServerParams(url=url, headers=headers)
    tools = asyncio.run(mcp_server_tools(server))
    return {"OpenAI": lambda: [tool.schema for tool in tools]}


def semantic_kernel(url: str, headers: dict[str, str]) -> Formats:
    _stand_in_for_pybars()
    from semantic_kernel import Kernel
    from semantic_kernel.connectors.ai.function_calling_utils import (
        kernel_function_metadata_to_function_call_format,
    )
    from semantic_kernel.connectors.mcp import MCPStreamableHttpPlugin

    async def load() -> Any:
        async with MCPStreamableHttpPlugin("server", url, headers=headers, load_prompts=False) as plugin:
            kernel = Kernel()
            kernel.add_plugin(plugin)
            return kernel.get_full_list_of_function_metadata()

    functions = asyncio.run(load())
    return {"OpenAI": lambda: [kernel_function_metadata_to_function_call_format(each) for each in functions]}


def _stand_in_for_pybars() -> None:
    """Handlebars templates, which have no part in this: their package has no wheel."""
    pybars: Any = ModuleType("pybars")
    pybars.Compiler, pybars.PybarsError = object, Exception
    sys.modules["pybars"] = pybars


def mcp_use(url: str, headers: dict[str, str]) -> Formats:
    from mcp_use import MCPClient
    from mcp_use.agents.adapters.anthropic import AnthropicMCPAdapter
    from mcp_use.agents.adapters.google import GoogleMCPAdapter
    from mcp_use.agents.adapters.langchain_adapter import LangChainAdapter
    from mcp_use.agents.adapters.openai import OpenAIMCPAdapter

    token = headers["Authorization"].removeprefix("Bearer ")
    kinds = {
        "LangChain": LangChainAdapter,
        "OpenAI": OpenAIMCPAdapter,
        "Anthropic": AnthropicMCPAdapter,
        "Gemini": GoogleMCPAdapter,
    }

    async def load(adapter: Any) -> Any:
        client = MCPClient({"mcpServers": {"server": {"url": url, "auth": token}}})
        try:
            return await adapter.create_tools(client)
        finally:
            await client.close_all_sessions()

    def convert(kind: Any) -> Any:
        tools = asyncio.run(load(kind()))
        return [_read_model(tool) for tool in tools] if kind is LangChainAdapter else tools

    return {name: partial(convert, kind) for name, kind in kinds.items()}


def _read_model(tool: Any) -> dict[str, Any]:
    schema = tool.args_schema.model_json_schema()
    return {"name": tool.name, "description": tool.description, "parameters": schema}


def crewai(url: str, headers: dict[str, str]) -> Formats:
    from crewai.mcp import MCPServerHTTP
    from crewai.mcp.tool_resolver import MCPToolResolver
    from crewai.utilities.agent_utils import convert_tools_to_openai_schema
    from crewai.utilities.logger import Logger

    tools = MCPToolResolver(agent=None, logger=Logger()).resolve([MCPServerHTTP(url=url, headers=headers)])
    return {"OpenAI": lambda: convert_tools_to_openai_schema(tools)[0]}


def crewai_tools(url: str, headers: dict[str, str]) -> Formats:
    from crewai.utilities.agent_utils import convert_tools_to_openai_schema
    from crewai_tools import MCPServerAdapter

    with MCPServerAdapter({"url": url, "headers": headers, "transport": "streamable-http"}) as tools:
        schemas = convert_tools_to_openai_schema(tools)[0]
    return {"OpenAI": lambda: schemas}


if __name__ == "__main__":
    run(
        {
            each.__name__: each
            for each in (langchain, smolagents, autogen, semantic_kernel, mcp_use, crewai, crewai_tools)
        }
    )
