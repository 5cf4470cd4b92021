"""Use a server from the terminal: list and call its tools, open MCP Inspector, configure other clients."""
