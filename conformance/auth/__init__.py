"""A black-box suite for MCP servers as OAuth resource servers: one table of requirements, one result for each."""
