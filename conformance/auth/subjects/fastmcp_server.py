"""FastMCP as its documents set it up for AuthKit (integrations/authkit, deployment/http).

Run by the Python of the peers' environment. The Host and Origin guard, CORS for one page and stateless HTTP are
all off by default and on here, as the deployment page says.
"""

import os

import uvicorn
from fastmcp import FastMCP
from fastmcp.server.auth import require_scopes
from fastmcp.server.auth.providers.workos import AuthKitProvider
from fastmcp.server.dependencies import get_access_token
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

PORT = int(os.environ["SUBJECT_PORT"])
SCOPE, TOOL_SCOPE = os.environ["SUBJECT_SCOPE"], os.environ["SUBJECT_TOOL_SCOPE"]
ORIGIN = os.environ["SUBJECT_ORIGIN"]

mcp = FastMCP(
    "conformance",
    auth=AuthKitProvider(
        authkit_domain=os.environ["SUBJECT_ISSUER"],
        base_url=f"http://127.0.0.1:{PORT}",
        required_scopes=[SCOPE],
        scopes_supported=[SCOPE, TOOL_SCOPE],
    ),
)


def whoami() -> str:
    """Tell who is calling."""
    token = get_access_token()
    return str(token.claims["sub"]) if token else "nobody"


def write() -> str:
    """Do something that needs a scope of its own."""
    return "written"


mcp.tool(whoami)
mcp.tool(write, auth=require_scopes(TOOL_SCOPE))

app = mcp.http_app(
    stateless_http=True,
    host_origin_protection=True,
    allowed_hosts=["127.0.0.1", f"127.0.0.1:{PORT}"],
    allowed_origins=[ORIGIN],
    middleware=[
        Middleware(
            CORSMiddleware,
            allow_origins=[ORIGIN],
            allow_methods=["GET", "POST", "DELETE", "OPTIONS"],
            allow_headers=[
                "mcp-protocol-version",
                "mcp-session-id",
                "mcp-method",
                "mcp-name",
                "Authorization",
                "Content-Type",
            ],
            expose_headers=["mcp-session-id", "www-authenticate"],
        )
    ],
)
uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
