"""Mastra's MCP client. It does not register itself: AuthKit knows it by a metadata document (CIMD)."""

from pathlib import Path

from tests.clients.home import Home
from tests.clients.program import Program
from tests.e2e.clients import free_port

SCRIPT = Path(__file__).parent / "node/call_with_mastra.mjs"
DOCUMENT = "https://client.example/mastra.json"
PUBLISHED: dict[str, object] = {
    "client_name": "Mastra",
    "redirect_uris": ["http://127.0.0.1/callback"],
    "grant_types": ["authorization_code", "refresh_token"],
    "token_endpoint_auth_method": "none",
}


def command(home: Home, *identity: str) -> tuple[str, ...]:
    return ("node", str(SCRIPT), home.url, str(free_port()), *identity)


def call_with_mastra(home: Home) -> str:
    return home.run(*command(home, DOCUMENT))


MASTRA = Program(
    "Mastra, with CIMD", "@mastra/mcp", call_with_mastra, call_with_mastra, documents={DOCUMENT: PUBLISHED}
)
