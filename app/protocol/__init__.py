"""MCP on the wire, as the official SDK speaks it. Only this package and dispatch import the SDK."""
