"""Two suites that a whole server goes through: its authorisation, and the MCP project's own."""
