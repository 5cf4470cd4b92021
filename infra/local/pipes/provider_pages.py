"""A provider's own pages: who signs in there, and which scopes they allow to WorkOS."""

import secrets
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from infra.local.authkit.pages import Pages
from infra.local.pipes.pages import CALLBACK_PATH, CLIENT_ID, read_fields, redirect
from infra.local.pipes.pipes import Pipes

_SCOPE_FIELD = "scope:"


@dataclass(frozen=True, slots=True)
class ProviderPages:
    pages: Pages
    pipes: Pipes

    async def show(self, request: Request) -> Response:
        """The consent page. It takes the parameters of OAuth's authorisation request (RFC 6749 section 4.1.1)."""
        slug, query = request.path_params["slug"], request.query_params
        provider, redirect_uri = self.pipes.find_provider(slug), query.get("redirect_uri", "")
        if provider is None or query.get("client_id") != CLIENT_ID or not _is_own(request, redirect_uri):
            return self.pages.render("over.html", 400)
        return self.pages.render(
            "provider-consent.html",
            slug=slug,
            provider=provider.name,
            accounts=self.pipes.list_provider_accounts(slug),
            scopes=query.get("scope", "").split(),
            redirect_uri=redirect_uri,
            state=query.get("state", ""),
        )

    async def allow(self, request: Request) -> Response:
        slug, fields = request.path_params["slug"], await read_fields(request)
        logins = [account.login for account in self.pipes.list_provider_accounts(slug)]
        redirect_uri = fields.get("redirect_uri", "")
        if fields.get("login") not in logins or not _is_own(request, redirect_uri):
            return self.pages.render("over.html", 400)
        scopes = tuple(name.removeprefix(_SCOPE_FIELD) for name in fields if name.startswith(_SCOPE_FIELD))
        code = secrets.token_urlsafe(24)
        self.pipes.codes.put(code, (slug, fields["login"], scopes))
        return redirect(redirect_uri, {"code": code, "state": fields.get("state", "")})

    async def deny(self, request: Request) -> Response:
        fields = await read_fields(request)
        if not _is_own(request, fields.get("redirect_uri", "")):
            return self.pages.render("over.html", 400)
        return redirect(fields["redirect_uri"], {"error": "access_denied", "state": fields.get("state", "")})


def _is_own(request: Request, redirect_uri: str) -> bool:
    """Whether it is WorkOS' own address, the only one that is registered at the providers."""
    return redirect_uri == f"{str(request.base_url).rstrip('/')}{CALLBACK_PATH}"
