"""The MCP SDK alone: its server with a token verifier, stateless, JSON answers, held open under Mangum."""

import os

import jwt
from mcp.server import MCPServer
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings

from bench.subjects.many import TOOLS
from bench.subjects.on_lambda import serve
from bench.subjects.verifier import verify

RESOURCE = os.environ["RESOURCE"]


class Verifier(TokenVerifier):
    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            claims = verify(token)
        except jwt.PyJWTError:
            return None
        return AccessToken(
            token=token,
            client_id=claims["client_id"],
            scopes=claims.get("scope", "").split(),
            expires_at=claims["exp"],
            resource=RESOURCE,
            subject=claims["sub"],
        )


mcp = MCPServer(
    "sdk",
    token_verifier=Verifier(),
    auth=AuthSettings.model_validate(
        {
            "issuer_url": os.environ["ISSUER"],
            "resource_server_url": RESOURCE,
            "validate_token_resource": True,
        }
    ),
    subscriptions=False,  # a stream that a function cannot keep
)


@mcp.tool()
async def echo(text: str) -> str:
    """Say it back."""
    return text


for tool in TOOLS:
    mcp.tool()(tool)

handler = serve(
    mcp.streamable_http_app(
        stateless_http=True,
        json_response=True,
        # The default lets loopback names in alone.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
)
