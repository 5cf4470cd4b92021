"""What runs on Lambda, and nothing else: an MCP server behind WorkOS AuthKit login."""

__version__ = "0.1.0"
