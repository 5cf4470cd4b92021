"""One message of MCP, read and written: which version it speaks, and what a reply looks like."""
