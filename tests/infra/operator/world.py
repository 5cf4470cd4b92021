"""A deployment and its WorkOS in which everything is right, until a case breaks it."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from infra.operator.address import read_address
from infra.operator.doctor import examine
from infra.operator.finding import Finding
from tests.infra.operator.site import Canned, Site
from tests.issuer import Issuer, public_jwk

INDICATORS = "GET /user_management/authkit_oauth_resources"
METADATA = "GET /.well-known/oauth-authorization-server"
PATH = "GET /.well-known/oauth-protected-resource/mcp"
ROOT = "GET /.well-known/oauth-protected-resource"


@dataclass
class World:
    server: Site
    workos: Site
    """AuthKit, and the WorkOS API beside it."""
    issuer: Issuer
    url: str
    environment: dict[str, str] = field(default_factory=dict)
    patience: float = 10.0

    def change_metadata(self, **members: Any) -> None:
        """Of both protected resource documents."""
        for where in (PATH, ROOT):
            self.server.change_document(where, **members)

    def examine(self) -> dict[str, Finding]:
        findings = asyncio.run(examine(read_address(self.url), self.environment, patience=self.patience))
        return {finding.check: finding for finding in findings}


@contextmanager
def world() -> Iterator[World]:
    with ExitStack() as sites:
        server, workos = sites.enter_context(Site()), sites.enter_context(Site())
        issuer = Issuer(workos.url)
        api = {"WORKOS_API_KEY": "sk_test", "WORKOS_BASE_URL": workos.url}
        server.answers = _server_answers(server.url, workos.url)
        workos.answers = _workos_answers(server.url, workos.url, issuer)
        yield World(server, workos, issuer, f"{server.url}/mcp", api)


def challenge(origin: str, path: str = "/mcp") -> str:
    url = f"{origin}/.well-known/oauth-protected-resource{path}"
    return f'Bearer resource_metadata="{url}", scope="openid profile email"'


def indicators(*uris: str) -> dict[str, Any]:
    rows = [{"uri": uri, "default": place == 0} for place, uri in enumerate(uris)]
    return {"object": "list", "data": rows, "list_metadata": {"before": None, "after": None}}


def _server_answers(origin: str, issuer: str) -> dict[str, Canned]:
    metadata = {
        "resource": f"{origin}/mcp",
        "authorization_servers": [issuer],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
    }
    document = Canned(200, metadata, {"access-control-allow-origin": "*"})
    refusal = Canned(401, {"error": "missing_token"}, {"www-authenticate": challenge(origin)})
    return {
        "POST /mcp": refusal,
        "POST /mcp with token": Canned(401, {"error": "invalid_token"}, {"www-authenticate": challenge(origin)}),
        "GET /mcp": refusal,
        "OPTIONS /mcp": Canned(204),
        PATH: document,
        ROOT: document,
        METADATA: Canned(200, authkit_metadata(issuer)),
    }


def _workos_answers(origin: str, url: str, issuer: Issuer) -> dict[str, Canned]:
    keys = [public_jwk(kid, key) for kid, key in issuer.keys.items()]
    return {
        METADATA: Canned(200, authkit_metadata(url)),
        "GET /oauth2/jwks": Canned(200, {"keys": keys}),
        INDICATORS: Canned(200, indicators(f"{origin}/mcp")),
    }


def authkit_metadata(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "jwks_uri": f"{issuer}/oauth2/jwks",
        "registration_endpoint": f"{issuer}/oauth2/register",
        "client_id_metadata_document_supported": True,
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["email", "offline_access", "openid", "profile"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "client_secret_basic"],
    }
