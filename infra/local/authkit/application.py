"""Put the local AuthKit together. Only this file imports all of its parts."""

import time
from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local.authkit.access import BrowserAccess, LoopbackOnly
from infra.local.authkit.authorize import Authorize
from infra.local.authkit.client_documents import ClientDocuments, Fetch
from infra.local.authkit.clients import MAX_REGISTERED_CLIENTS, Clients
from infra.local.authkit.errors import OAuthError, answer_oauth_error
from infra.local.authkit.expiring import Clock
from infra.local.authkit.front_page import FrontPage
from infra.local.authkit.grants import Grants
from infra.local.authkit.hooks import Endpoint, Hooks, guarded
from infra.local.authkit.introspection import Introspection
from infra.local.authkit.login_pages import LoginPages
from infra.local.authkit.logins import Codes, Logins
from infra.local.authkit.machines import Machines
from infra.local.authkit.metadata import SCOPES, Document, oauth_document, openid_document
from infra.local.authkit.mint import Mint
from infra.local.authkit.minting_hook import MintingHook
from infra.local.authkit.pages import Pages
from infra.local.authkit.public_fetch import fetch_public
from infra.local.authkit.registration import Registration
from infra.local.authkit.resources import ResourceIndicators
from infra.local.authkit.signing_keys import SigningKeys
from infra.local.authkit.token_endpoint import TokenEndpoint
from infra.local.authkit.userinfo import UserInfo
from infra.local.jwt_template import JwtTemplate
from infra.local.seed.rows import Seed


def create_authkit(
    seed: Seed,
    *,
    issuer: str,
    state_dir: Path,
    resources: Sequence[str] = (),
    indicators: ResourceIndicators | None = None,
    grants: Grants | None = None,
    advertise_cimd: bool = False,
    token_lifetime: int = 300,
    clock: Clock = time.time,
    environment_client_id: str | None = None,
    fetch_document: Fetch = fetch_public,
    client_limit: int = MAX_REGISTERED_CLIENTS,
    template: JwtTemplate | None = None,
    machines: Machines | None = None,
) -> Starlette:
    """Make a local AuthKit that clients and resource servers cannot tell from the real one.

    Args:
        issuer: its own origin, without a trailing slash; `iss` of every token.
        state_dir: the folder of keys, registered clients and refresh tokens, which survive a restart.
        resources: registered resource indicators, the first being the default. With none, `aud`
            is the environment's client id, as in an environment without indicators.
        indicators: the registered indicators themselves, where the WorkOS API shares them.
        grants: what users granted, where the WorkOS API shares it.
        advertise_cimd: also accept clients whose id is the URL of a document, fetched by
            `fetch_document`. Off, because a machine without internet cannot fetch it.
        template: the environment's JWT template; by default the one of the seed.
        machines: the machine applications, where the WorkOS API shares them.

    Raises:
        StateError: if a file in state_dir is damaged.
        TemplateError: if no JWT template can add the claims of the seed.
    """
    if environment_client_id is not None:
        seed = seed.for_environment(environment_client_id)
    keys = SigningKeys(state_dir)
    template = template or JwtTemplate(seed.template_claims)
    mint = Mint(issuer, seed, template, keys, token_lifetime, clock)
    documents = ClientDocuments(fetch_document, clock) if advertise_cimd else None
    machines = machines or Machines(seed, clock)
    find_document = documents.find if documents else None
    clients = Clients(state_dir / "clients.json", seed, machines.find_client, find_document, client_limit)
    if grants is None:
        grants = Grants.read(state_dir, clock)
    consents = grants.consents
    if indicators is None:
        indicators = ResourceIndicators(resources, seed.environment.client_id, clock)
    logins, codes = Logins(clock), Codes(clock)
    extra_scopes = seed.environment.extra_scopes
    scopes = (*SCOPES, *extra_scopes)
    templates = Pages()
    pages = LoginPages(templates, seed, logins, codes, indicators, grants)
    hooks = Hooks(keys, indicators, MintingHook(mint, indicators), template)
    routes = [
        _get("/", FrontPage(templates).answer),
        _get(
            "/.well-known/oauth-authorization-server",
            _document(oauth_document(issuer, extra_scopes, advertise_cimd=advertise_cimd)),
        ),
        _get("/.well-known/openid-configuration", _document(openid_document(issuer, extra_scopes))),
        _get("/oauth2/jwks", _jwks(keys)),
        _get("/oauth2/authorize", Authorize(clients, logins, scopes).answer),
        _post("/oauth2/token", TokenEndpoint(clients, codes, consents, indicators, mint, machines).answer),
        _post("/oauth2/register", Registration(clients, scopes, clock).answer),
        _post("/oauth2/introspection", Introspection(clients, consents, indicators, mint, machines).answer),
        Route("/oauth2/userinfo", UserInfo(consents, mint).answer, methods=["GET", "POST"]),
        *_page_routes(pages),
        *_hook_routes(hooks),
    ]
    authkit = Starlette(
        routes=routes,
        middleware=[Middleware(LoopbackOnly), Middleware(BrowserAccess)],
        exception_handlers={OAuthError: answer_oauth_error},
    )
    # As in AuthKit, a slash at the end makes another path, and nothing redirects a POST.
    authkit.router.redirect_slashes = False
    return authkit


def _page_routes(pages: LoginPages) -> list[Route]:
    return [
        _get("/oauth2/error", pages.show_error),
        _get("/login", pages.show_users),
        _post("/login/user", pages.choose_user),
        _get("/login/consent", pages.show_consent),
        _post("/login/allow", pages.allow),
        _post("/login/cancel", pages.cancel),
    ]


def _hook_routes(hooks: Hooks) -> list[Route]:
    return [
        _post("/_local/signing-keys/rotate", guarded(hooks.rotate)),
        _post("/_local/token", guarded(hooks.token)),
        _get("/_local/resources", guarded(hooks.list_resources)),
        _post("/_local/resources", guarded(hooks.add_resource)),
        Route("/_local/resources", guarded(hooks.remove_resource), methods=["DELETE"]),
        _get("/_local/jwt-template", guarded(hooks.show_template)),
        _post("/_local/jwt-template", guarded(hooks.set_template)),
    ]


def _get(path: str, endpoint: Endpoint) -> Route:
    return Route(path, endpoint, methods=["GET"])


def _post(path: str, endpoint: Endpoint) -> Route:
    return Route(path, endpoint, methods=["POST"])


def _document(document: Document) -> Endpoint:
    async def answer(_request: Request) -> Response:
        return JSONResponse(document)

    return answer


def _jwks(keys: SigningKeys) -> Endpoint:
    async def answer(_request: Request) -> Response:
        return JSONResponse(keys.jwks())

    return answer
