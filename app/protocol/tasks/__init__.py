"""Tools that work in the background: MCP Tasks (SEP-2663), and two more tools for clients without them."""
