"""The MCP SDK alone, as its documents set it up (run/authorization, run/asgi), with PyJWT as the token verifier.

Run by the Python of the peers' environment. The SDK leaves the verifier to its user; this one is what PyJWT's own
documents show for a key set, with every check on that PyJWT has.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import jwt
import uvicorn
from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.settings import AuthSettings
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount

PORT = int(os.environ["SUBJECT_PORT"])
SCOPE, TOOL_SCOPE = os.environ["SUBJECT_SCOPE"], os.environ["SUBJECT_TOOL_SCOPE"]
ORIGIN, ISSUER = os.environ["SUBJECT_ORIGIN"], os.environ["SUBJECT_ISSUER"]
RESOURCE = f"http://127.0.0.1:{PORT}/mcp"


class JWKSVerifier(TokenVerifier):
    def __init__(self) -> None:
        self._keys = jwt.PyJWKClient(f"{ISSUER}/oauth2/jwks", timeout=10)

    async def verify_token(self, token: str) -> AccessToken | None:
        return await asyncio.to_thread(self._verify, token)

    def _verify(self, token: str) -> AccessToken | None:
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=RESOURCE,
                issuer=ISSUER,
                leeway=30,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWKClientConnectionError:
            raise  # no verdict on the token: 500 rather than 401
        except jwt.PyJWTError:
            return None
        return AccessToken(
            token=token,
            client_id=str(claims["client_id"]),
            scopes=str(claims.get("scope", "")).split(),
            expires_at=claims["exp"],
            resource=RESOURCE,
            subject=claims["sub"],
        )


mcp = MCPServer(
    "conformance",
    token_verifier=JWKSVerifier(),
    # From strings: an AnyHttpUrl, as in the documents' example, puts a slash behind the issuer.
    auth=AuthSettings.model_validate(
        {
            "issuer_url": ISSUER,
            "resource_server_url": RESOURCE,
            "required_scopes": [SCOPE],
            "validate_token_resource": True,
        }
    ),
)


@mcp.tool()
async def whoami() -> str:
    """Tell who is calling."""
    token = get_access_token()
    return str(token.subject) if token else "nobody"


@mcp.tool()
async def write() -> str:
    """Do something that needs a scope of its own."""
    token = get_access_token()
    if token is None or TOOL_SCOPE not in token.scopes:
        raise ValueError(f"this tool needs the scope {TOOL_SCOPE}")
    return "written"


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with mcp.session_manager.run():
        yield


app = Starlette(
    routes=[
        Mount(
            "/",
            app=mcp.streamable_http_app(
                stateless_http=True,
                transport_security=TransportSecuritySettings(
                    allowed_hosts=[f"127.0.0.1:{PORT}"], allowed_origins=[ORIGIN]
                ),
            ),
        )
    ],
    middleware=[
        Middleware(
            CORSMiddleware,
            allow_origins=[ORIGIN],
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Last-Event-ID",
                "Mcp-Method",
                "Mcp-Name",
                "Mcp-Protocol-Version",
                "Mcp-Session-Id",
            ],
            expose_headers=["Mcp-Session-Id", "WWW-Authenticate"],
        )
    ],
    lifespan=lifespan,
)
uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
