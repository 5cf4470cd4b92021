"""HTTP around the MCP exchange: routes, browser origins, and the well-known documents."""
