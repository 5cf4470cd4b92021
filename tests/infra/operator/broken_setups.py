"""Set-ups that keep clients from connecting, and what the doctor has to say about each."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from app.http.discovery import fallback_metadata
from infra.operator.finding import Status
from tests.infra.operator.world import INDICATORS, METADATA, PATH, ROOT, World, challenge, indicators
from tests.issuer import public_jwk, stranger

Break = Callable[[World], object]


@dataclass(frozen=True)
class Setup:
    name: str
    breaks: Break
    check: str
    status: Status
    seen: str
    fix: str
    """Words that the finding and its fix have to hold."""


def fails(name: str, breaks: Break, check: str, seen: str, fix: str) -> Setup:
    return Setup(name, breaks, check, Status.FAIL, seen, fix)


def warns(name: str, breaks: Break, check: str, seen: str, fix: str) -> Setup:
    return Setup(name, breaks, check, Status.WARN, seen, fix)


def _dead_host(world: World) -> None:
    world.url = "http://127.0.0.1:1/mcp"


def _plain_http(world: World) -> None:
    world.url = "http://mcp.invalid/mcp"


def _stage_prefix(world: World) -> None:
    """A named stage: the function is under /dev, and API Gateway refuses what lies outside."""
    answers = world.server.answers
    for method in ("GET", "POST", "OPTIONS"):
        answers[f"{method} /dev/mcp"] = answers.pop(f"{method} /mcp")
    for where in (PATH, ROOT, f"{PATH.removesuffix('/mcp')}/dev/mcp"):
        world.server.change(where, status=403, body={"message": "Forbidden"}, headers={})
    world.url = f"{world.server.url}/dev/mcp"


def _slash_in_url(world: World) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        world.server.answers[f"{method} /mcp/"] = world.server.answers[f"{method} /mcp"]
    world.url += "/"


def _renamed(world: World) -> None:
    world.server.change("POST /mcp", headers={"x-amzn-remapped-www-authenticate": challenge(world.server.url)})


def _other_base_url(world: World) -> None:
    world.server.change("POST /mcp", headers={"www-authenticate": challenge("https://old.example.com")})


def _resource(suffix: str, origin: str = "") -> Break:
    return lambda world: world.change_metadata(resource=(origin or world.server.url) + suffix)


def _authkit_down(world: World) -> None:
    world.change_metadata(authorization_servers=["http://127.0.0.1:1"])


def _authkit_hangs(world: World) -> None:
    world.workos.change(METADATA, hangs=True)
    world.patience = 1.0


def _custom_domain(world: World) -> None:
    world.workos.change_document(METADATA, issuer="https://login.example.com")


def _no_registration(world: World) -> None:
    world.workos.change_document(METADATA, registration_endpoint=None, client_id_metadata_document_supported=None)


def _encryption_keys(world: World) -> None:
    key = {**public_jwk("key_1", stranger()), "use": "enc"}
    world.workos.change("GET /oauth2/jwks", body={"keys": [key]})


def _no_cors(world: World) -> None:
    for where in (PATH, ROOT):
        world.server.change(where, headers={})


def _page_not_allowed(world: World) -> None:
    world.environment["ORIGIN"] = "https://app.example.com"


def _old_date(world: World) -> None:
    world.server.change(
        "POST /mcp",
        headers={"www-authenticate": challenge(world.server.url), "date": "Mon, 01 Jun 2020 00:00:00 GMT"},
    )


def _server(where: str, **changes: object) -> Break:
    return lambda world: world.server.change(where, **changes)


def _static_mirror(world: World, **more: object) -> None:
    static = json.loads(fallback_metadata(world.workos.url))
    world.server.change(METADATA, body={**static, **more})


def _hangs(where: str) -> Break:
    def breaks(world: World) -> None:
        world.server.change(where, hangs=True)
        world.patience = 1.0

    return breaks


def _workos(where: str, **changes: object) -> Break:
    return lambda world: world.workos.change(where, **changes)


def _authkit(**members: object) -> Break:
    return lambda world: world.workos.change_document(METADATA, **members)


def _registered(*suffixes: str) -> Break:
    return lambda world: world.workos.change(
        INDICATORS, body=indicators(*(world.server.url + suffix for suffix in suffixes))
    )


FORBIDDEN = {"status": 403, "body": {"message": "Forbidden"}, "headers": {}}
SETUPS = [
    fails("nothing is deployed at the host", _dead_host, "answer", "attempts failed", "the stack is deployed"),
    fails("plain http outside of this machine", _plain_http, "url", "in the clear", "use https://mcp.invalid/mcp"),
    fails("a stage in the URL", _stage_prefix, "url", "/dev stands before /mcp", "$default stage"),
    fails("the metadata is outside of the stage", _stage_prefix, "metadata-path", "HTTP 403", "$default"),
    warns("a trailing slash in the URL", _slash_in_url, "url", "not written as", "byte for byte"),
    fails("the API Gateway route is missing", _server("POST /mcp", status=404), "challenge", "404", "catch-all"),
    fails("a gateway authorizer refuses", _server("POST /mcp", **FORBIDDEN), "challenge", "403", "authorizer"),
    fails(
        "served without a token", _server("POST /mcp", status=200), "challenge", "everybody gets", "another server"
    ),
    fails(
        "a redirect to the slash form",
        _server("POST /mcp", status=307, headers={"location": "/mcp/"}),
        "challenge",
        "a redirect to /mcp/",
        "lose the token",
    ),
    fails("API Gateway throttles", _server("POST /mcp", status=429), "challenge", "throttles", "ThrottleRate"),
    fails("a wrong setting stops the start", _server("POST /mcp", status=500), "challenge", "500", "log group"),
    fails("the function never answers", _hangs("POST /mcp"), "answer", "within 1 s", "deployed"),
    warns("WWW-Authenticate is renamed", _renamed, "challenge-header", "x-amzn-remapped", "HTTP API"),
    warns(
        "WWW-Authenticate is taken away", _server("POST /mcp", headers={}), "challenge-header", "no WWW", "proxy"
    ),
    fails("the challenge names an old host", _other_base_url, "challenge-header", "old.example.com", "BASE_URL"),
    fails("no metadata at the root", _server(ROOT, status=404), "metadata-root", "404", "$default catch-all"),
    fails("no metadata at the path form", _server(PATH, status=404), "metadata-path", "404", "$default catch-all"),
    fails("the metadata wants a token", _server(ROOT, status=401), "metadata-root", "401", "/.well-known/*"),
    fails("the metadata does not come in time", _hangs(PATH), "metadata-path", "within 1 s", "PATIENCE=30"),
    fails("the function fails at the metadata", _server(ROOT, status=500), "metadata-root", "500", "log group"),
    fails("the metadata is throttled", _server(ROOT, status=429), "metadata-root", "429", "ThrottleRate"),
    fails(
        "the metadata is elsewhere",
        _server(PATH, status=301, headers={"location": "https://b.example"}),
        "metadata-path",
        "301",
        "redirect to https://b.example",
    ),
    fails(
        "the metadata is a web page", _server(ROOT, body=b"<html>"), "metadata-root", "no protected", "URL leads"
    ),
    fails("resource with a trailing slash", _resource("/mcp/"), "resource", "/mcp/, clients", "set BASE_URL"),
    fails("resource of another host", _resource("/mcp", "https://a.example"), "resource", "a.example", "BASE_URL"),
    fails(
        "the domain has a slash",
        lambda w: w.change_metadata(authorization_servers=[f"{w.workos.url}/"]),
        "authorization-server",
        "ends with a slash",
        "WORKOS_AUTHKIT_DOMAIN",
    ),
    fails(
        "no AuthKit is named",
        lambda w: w.change_metadata(authorization_servers=[]),
        "authorization-server",
        "names none",
        "WORKOS_AUTHKIT_DOMAIN",
    ),
    fails("AuthKit is down", _authkit_down, "authkit", "attempts failed", "status.workos.com"),
    fails("AuthKit does not answer in time", _authkit_hangs, "authkit", "within 1 s", "status.workos.com"),
    fails("a domain that is no AuthKit", _workos(METADATA, status=404), "authkit", "404", "WORKOS_AUTHKIT_DOMAIN"),
    fails(
        "AuthKit has a custom domain",
        _custom_domain,
        "issuer",
        "calls itself https://login.example.com",
        "set WORKOS_AUTHKIT_DOMAIN to login.example.com",
    ),
    fails("no PKCE", _authkit(code_challenge_methods_supported=None), "pkce", "S256", "openid-configuration"),
    fails(
        "no public clients",
        _authkit(token_endpoint_auth_methods_supported=["client_secret_basic"]),
        "public-clients",
        '"none"',
        "WORKOS_AUTHKIT_DOMAIN",
    ),
    fails(
        "CIMD and DCR are off", _no_registration, "client-registration", "neither", "Client ID Metadata Document"
    ),
    warns(
        "a scope that AuthKit lacks",
        lambda w: w.change_metadata(scopes_supported=["openid", "files:read"]),
        "scopes",
        "files:read",
        "REQUIRED_SCOPES",
    ),
    warns(
        "offline_access is not named",
        lambda w: w.change_metadata(scopes_supported=["openid", "profile", "email"]),
        "offline-access",
        "lose their tools",
        "ADVERTISE_OFFLINE_ACCESS",
    ),
    fails(
        "no signing keys", _workos("GET /oauth2/jwks", status=500), "signing-keys", "500", "WORKOS_AUTHKIT_DOMAIN"
    ),
    fails("keys of another kind", _encryption_keys, "signing-keys", "no RSA signature key", "AuthKit itself"),
    fails(
        "the function cannot reach AuthKit",
        _server("POST /mcp with token", status=503),
        "keys-from-server",
        "503",
        "NAT",
    ),
    warns("no AuthKit metadata at the origin", _server(METADATA, status=404), "mirror", "gives no", "catch-all"),
    warns(
        "the static document at the origin",
        _static_mirror,
        "mirror",
        "its static fallback",
        "let the function reach",
    ),
    warns(
        "the static document of a server of before",
        lambda w: _static_mirror(w, client_id_metadata_document_supported=True),
        "mirror",
        "its static fallback",
        "let the function reach",
    ),
    fails("GET hangs", _hangs("GET /mcp"), "get", "does not end", "405"),
    warns("GET is not routed", _server("GET /mcp", status=404), "get", "404", "reach the function"),
    warns("CORS is missing", _no_cors, "cors", "may not read", "CorsConfiguration"),
    warns("the preflight wants a token", _server("OPTIONS /mcp", status=401), "preflight", "401", "authorizer"),
    fails("a page is not allowed", _page_not_allowed, "preflight", "may not call", "ALLOWED_ORIGINS"),
    fails("the server's clock is wrong", _old_date, "clock", "AuthKit's", "clock"),
    fails(
        "no resource indicator at all", _registered(), "indicator", "the environment's client id", "make provision"
    ),
    fails("the indicator differs by a slash", _registered("/mcp/"), "indicator", "by a slash", "make provision"),
    fails("the indicator is another one", _registered("/sse"), "indicator", "invalid_target", "make provision"),
    fails(
        "the API key is refused", _workos(INDICATORS, status=401), "indicator", "refuses the API key", "API Keys"
    ),
]
