"""Where the toy is, and what it needs."""

SITE, SCOPE, TOOL_SCOPE, PAGE = "http://toy.example", "toy:use", "toy:write", "https://page.example.com"
RESOURCE = f"{SITE}/mcp"
