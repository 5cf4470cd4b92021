"""Programs whose user calls a tool by a command."""

from tests.blocks import ROOT
from tests.clients.home import FASTMCP, MAX_COMMAND_SECONDS, MCP_USE, Home
from tests.clients.program import Program
from tests.e2e.clients import MODULES

MCPDO = str(MODULES / ".bin/mcpdo")
IN_FILES = {"MCP_INSPECTOR_SECRET_STORE": "file", "MCP_AUTO_OPEN_ENABLED": "true"}


def log_in_to_mcporter(home: Home) -> str:
    return home.run("mcporter", "auth", home.url, "--allow-http")


def call_with_mcporter(home: Home) -> str:
    return home.run("mcporter", "call", "--http-url", home.url, "--allow-http", "whoami")


def log_in_to_mcpc(home: Home) -> None:
    home.run("mcpc", "login", home.url)
    home.run("mcpc", "connect", home.url, "@here")


def call_with_mcpc(home: Home) -> str:
    return home.run("mcpc", "@here", "tools-call", "whoami")


def leave_mcpc(home: Home) -> None:
    home.attempt("mcpc", "@here", "close")


def log_in_to_mcpdo(home: Home) -> str:
    arguments = ("connect", home.url, "--transport", "http", "--era", "auto")
    return home.run_in_terminal(MCPDO, *arguments, **IN_FILES)


def call_with_mcpdo(home: Home) -> str:
    return home.run_in_terminal(MCPDO, "tools/call", "whoami", **IN_FILES)


def leave_mcpdo(home: Home) -> None:
    home.attempt(MCPDO, "daemon", "stop", **IN_FILES)


def log_in_to_fastmcp(home: Home) -> str:
    return home.run(str(FASTMCP), "list", home.url, "--auth", "oauth")


def call_with_fastmcp(home: Home) -> str:
    return home.run(str(FASTMCP), "call", home.url, "whoami", "--auth", "oauth")


def log_in_to_mcp_cli(home: Home) -> None:
    with home.terminal("mcp-cli", "--url", home.url) as terminal:
        terminal.wait_for("Pick a primitive", MAX_COMMAND_SECONDS)


def call_with_mcp_cli(home: Home) -> str:
    with home.terminal("mcp-cli", "--url", home.url) as terminal:
        terminal.wait_for("Pick a primitive", MAX_COMMAND_SECONDS)
        terminal.press("tool(whoami")
        terminal.wait_for("tool(whoami)", MAX_COMMAND_SECONDS)
        terminal.press("\r")
        terminal.wait_for("user_id", MAX_COMMAND_SECONDS)
        return terminal.text


def call_with_mcp_use(home: Home) -> str:
    """It keeps no token, so that each run logs in."""
    script = str(ROOT / "tests/clients/call_with_mcp_use.py")
    return home.run(str(MCP_USE), script, home.url, MCP_USE_ANONYMIZED_TELEMETRY="false")


COMMANDS = (
    Program("mcporter", "mcporter", log_in_to_mcporter, call_with_mcporter, is_quick=True),
    Program("mcpc", "@apify/mcpc", log_in_to_mcpc, call_with_mcpc, leave=leave_mcpc),
    Program("mcpdo", "@modelcontextprotocol/inspector", log_in_to_mcpdo, call_with_mcpdo, leave=leave_mcpdo),
    Program("FastMCP, command line", "fastmcp", log_in_to_fastmcp, call_with_fastmcp),
    Program("mcp-use, Python", "mcp-use", call_with_mcp_use, call_with_mcp_use),
    Program("wong2's mcp-cli", "@wong2/mcp-cli", log_in_to_mcp_cli, call_with_mcp_cli),
)
