"""A small GitHub API for the accounts of the stand-in: it checks its tokens and their scopes as GitHub does."""

from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local.pipes.pipes import Pipes
from infra.local.pipes.provider_tokens import ProviderToken

SLUG = "github"


def create_github_api(pipes: Pipes) -> Starlette:
    """GET /user and GET /user/repos, as at https://api.github.com."""
    api = _GitHubApi(pipes)
    return Starlette(routes=[Route("/user", api.show_user), Route("/user/repos", api.list_repositories)])


@dataclass(frozen=True, slots=True)
class _GitHubApi:
    pipes: Pipes

    async def show_user(self, request: Request) -> Response:
        token = self._find(request)
        if token is None:
            return _refuse()
        account = next(each for each in self.pipes.list_provider_accounts(SLUG) if each.login == token.login)
        return _answer({"login": account.login, "name": account.name, "type": "User"}, token)

    async def list_repositories(self, request: Request) -> Response:
        """Private ones need the scope repo (GitHub docs: Scopes for OAuth apps)."""
        token = self._find(request)
        if token is None:
            return _refuse()
        account = next(each for each in self.pipes.list_provider_accounts(SLUG) if each.login == token.login)
        private = account.private_repositories if "repo" in token.scopes else ()
        shown = [*((name, False) for name in account.repositories), *((name, True) for name in private)]
        rows = [
            {"full_name": name, "private": is_private, "html_url": f"https://github.com/{name}"}
            for name, is_private in sorted(shown)
        ]
        return _answer(rows, token)

    def _find(self, request: Request) -> ProviderToken | None:
        kind, _, value = request.headers.get("authorization", "").partition(" ")
        return self.pipes.tokens.find(SLUG, value) if kind.lower() in ("bearer", "token") else None


def _answer(body: object, token: ProviderToken) -> Response:
    return JSONResponse(body, headers={"x-oauth-scopes": ", ".join(token.scopes)})


def _refuse() -> Response:
    return JSONResponse({"message": "Bad credentials", "status": "401"}, 401)
