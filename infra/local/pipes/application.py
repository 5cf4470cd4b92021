"""Put the pages of WorkOS Pipes and of the providers together, for a browser; and the providers' APIs."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from infra.local.authkit.access import LoopbackOnly
from infra.local.authkit.errors import OAuthError, answer_oauth_error
from infra.local.authkit.hooks import guarded, read_hook_body
from infra.local.authkit.pages import Pages as HtmlPages
from infra.local.pipes.github_api import create_github_api
from infra.local.pipes.pages import CALLBACK_PATH, CONFIRM_PATH, TEMPLATES, ConnectPages
from infra.local.pipes.pipes import Pipes
from infra.local.pipes.provider_pages import ProviderPages

GITHUB_API_PATH = "/providers/github/api"
REVOCATION_HOOK = "/_local/provider-tokens/revoke"
PREFIXES = ("/pipes/", "/providers/")


def create_pipes_pages(pipes: Pipes) -> Starlette:
    html = HtmlPages(TEMPLATES)
    connect, provider = ConnectPages(html, pipes), ProviderPages(html, pipes)

    async def revoke(request: Request) -> Response:
        """The owner of an account takes all access back at the provider, which tells nobody."""
        body = await read_hook_body(request)
        return JSONResponse({"ended": pipes.tokens.revoke(str(body.get("provider")), str(body.get("login")))})

    return Starlette(
        routes=[
            Route(CONFIRM_PATH, connect.show, methods=["GET"]),
            Route(CONFIRM_PATH, connect.confirm, methods=["POST"]),
            Route("/pipes/cancel", connect.cancel, methods=["POST"]),
            Route(CALLBACK_PATH, connect.finish, methods=["GET"]),
            Mount(GITHUB_API_PATH, create_github_api(pipes)),
            Route("/providers/{slug}/authorize", provider.show, methods=["GET"]),
            Route("/providers/{slug}/allow", provider.allow, methods=["POST"]),
            Route("/providers/{slug}/deny", provider.deny, methods=["POST"]),
            Route(REVOCATION_HOOK, guarded(revoke), methods=["POST"]),
        ],
        middleware=[Middleware(LoopbackOnly)],
        exception_handlers={OAuthError: answer_oauth_error},
    )
