"""The configuration of other MCP clients: which file, which entry, and how to add it without harm to the rest."""
