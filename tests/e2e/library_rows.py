"""The tables of docs/clients.md that say what agents' libraries make of this server's schemas."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.blocks import ROOT

PAGE = ROOT / "docs/clients.md"
JAVASCRIPT = "convert_tools.mjs"
"""In the place of a module: the script of tests/e2e/node."""
MODULES: Mapping[str, tuple[str, str]] = {
    "google-genai": ("google_and_openai", "google_genai"),
    "OpenAI Agents": ("google_and_openai", "openai_agents"),
    "Pydantic AI": ("mcp2", "pydantic_ai"),
    "Google ADK": ("mcp2", "adk"),
    "Strands Agents": ("mcp2", "strands"),
    "LlamaIndex": ("mcp2", "llama_index"),
    "Agno": ("mcp2", "agno"),
    "Haystack": ("mcp2", "haystack"),
    "LangChain": ("mcp1", "langchain"),
    "smolagents": ("mcp1", "smolagents"),
    "AutoGen": ("mcp1", "autogen"),
    "Semantic Kernel": ("mcp1", "semantic_kernel"),
    "mcp-use": ("mcp1", "mcp_use"),
    "CrewAI": ("mcp1", "crewai"),
    "CrewAI, its MCPServerAdapter": ("mcp1", "crewai_tools"),
    "AI SDK": (JAVASCRIPT, "ai_sdk"),
    "LangChain for JavaScript": (JAVASCRIPT, "langchain_js"),
    "OpenAI Agents for JavaScript": (JAVASCRIPT, "openai_agents_js"),
}
"""From a library of the tables to the module of tests/e2e/libraries that runs it, and the function in it."""
LOCKS = {"google_and_openai": "converters", "mcp1": "converters-mcp1", "mcp2": "converters-mcp2"}
"""From each module to the name of its lock, and of its environment."""
WARNED = ("recursive", "any", "number-choice", "definitions")
"""The kinds of the second table, as the start names them."""


@dataclass(frozen=True)
class Row:
    """A row of the first table."""

    library: str
    package: str
    version: str
    sdk: str
    formats: tuple[str, ...]
    project: str
    """What a library loses of the tools of app/ and examples/."""
    every_type: str
    """What it loses of tools with parameters of every type."""


def read_rows() -> Iterator[Row]:
    for library, package, formats, version, sdk, project, every_type in _read_cells("library", 7):
        yield Row(library, package, version, sdk, tuple(formats.split(", ")), project, every_type)


def read_warned() -> dict[tuple[str, str], dict[str, str]]:
    """From a library and one of its formats to what it makes of each kind. All others lose nothing."""
    return {
        (library, format_): dict(zip(WARNED, cells, strict=True))
        for library, format_, *cells in _read_cells("library of the table above", 6)
    }


def _read_cells(first: str, columns: int) -> Iterator[list[str]]:
    (table,) = re.findall(rf"^\| {first} \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE.read_text(), re.MULTILINE)
    for line in table.splitlines():
        cells = [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
        assert len(cells) == columns, line
        yield cells
