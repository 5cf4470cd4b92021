"""Serve the local AuthKit and the local WorkOS API on one port, with the same indicators and grants."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from infra.local.authkit import create_authkit
from infra.local.authkit.client_documents import Fetch
from infra.local.authkit.expiring import Clock
from infra.local.authkit.grants import Grants
from infra.local.authkit.machines import Machines
from infra.local.authkit.public_fetch import fetch_public
from infra.local.authkit.resources import ResourceIndicators
from infra.local.jwt_template import JwtTemplate
from infra.local.pipes.application import PREFIXES, REVOCATION_HOOK, create_pipes_pages
from infra.local.pipes.pipes import Pipes
from infra.local.seed.rows import Seed
from infra.local.workos_api import create_workos_api
from infra.local.workos_api.application import AUDIT_LOG_HOOK, FAILURE_HOOK

_AUTHKIT = ("/.well-known/", "/oauth2/", "/login", "/_local/")


def create_workos(
    seed: Seed,
    *,
    issuer: str,
    state_dir: Path,
    resources: Sequence[str] = (),
    token_lifetime: int = 300,
    clock: Clock = time.time,
    template: JwtTemplate | None = None,
    advertise_cimd: bool = False,
    fetch_document: Fetch = fetch_public,
    say: Callable[[str], None] = lambda line: None,
) -> "WorkOS":
    """Make both for one server. Each of them refuses host names other than loopback.

    Args:
        advertise_cimd: also accept clients whose id is the URL of a document, read by `fetch_document`.
        say: gets a line for each request that the API stand-in cannot answer.

    Raises:
        StateError: if a file in state_dir is damaged.
        TemplateError: if no JWT template can add the claims of the seed.
    """
    template = template or JwtTemplate(seed.template_claims)
    indicators = ResourceIndicators(resources, seed.environment.client_id, clock)
    grants, machines = Grants.read(state_dir, clock), Machines(seed, clock)
    pipes = Pipes.read(seed, state_dir, clock)
    authkit = create_authkit(
        seed,
        issuer=issuer,
        state_dir=state_dir,
        indicators=indicators,
        grants=grants,
        token_lifetime=token_lifetime,
        clock=clock,
        template=template,
        machines=machines,
        advertise_cimd=advertise_cimd,
        fetch_document=fetch_document,
    )
    api = create_workos_api(
        seed,
        indicators=indicators,
        template=template,
        authorizations=grants.authorizations,
        sessions=grants.sessions,
        machines=machines,
        pipes=pipes,
        clock=clock,
        say=say,
    )
    return WorkOS(authkit, api, create_pipes_pages(pipes))


class WorkOS:
    """Routes the paths of AuthKit, of Pipes' pages and of the API; in production they are on several hosts."""

    def __init__(self, authkit: ASGIApp, api: ASGIApp, pipes_pages: ASGIApp) -> None:
        self._authkit = authkit
        self._api = api
        self._pipes_pages = pipes_pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and (path == REVOCATION_HOOK or path.startswith(PREFIXES)):
            await self._pipes_pages(scope, receive, send)
            return
        is_api = scope["type"] == "http" and (
            path in (AUDIT_LOG_HOOK, FAILURE_HOOK) or not (path == "/" or path.startswith(_AUTHKIT))
        )
        await (self._api if is_api else self._authkit)(scope, receive, send)
