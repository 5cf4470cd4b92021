"""The methods of MCP on the SDK's server, each behind the guard."""
