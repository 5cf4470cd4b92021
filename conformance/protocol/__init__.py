"""The MCP project's conformance suite, and the catalogue of tools, prompts and resources that it asks for."""
