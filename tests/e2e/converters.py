"""Run under .venv-converters: what libraries for Python make of tools, JSON in and JSON out."""

import json
import sys
from typing import Any

from agents.mcp import MCPServerStreamableHttp, MCPUtil  # type: ignore[import-not-found]
from google.genai import _mcp_utils  # type: ignore[import-not-found]
from mcp_types import Tool


def google(tool: Tool) -> str:
    """What google-genai says that goes wrong, if anything."""
    try:
        _mcp_utils.mcp_to_gemini_tools([tool])
    except Exception as error:  # noqa: BLE001 - it is what is asked for
        return repr(error)
    return ""


def main() -> None:
    server = MCPServerStreamableHttp(params={"url": "http://127.0.0.1:9/mcp"})
    tools = [Tool.model_validate(each) for each in json.load(sys.stdin)]
    said: dict[str, Any] = {
        tool.name: {
            "google": google(tool),
            "strict": MCPUtil.to_function_tool(tool, server, convert_schemas_to_strict=True).strict_json_schema,
        }
        for tool in tools
    }
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
