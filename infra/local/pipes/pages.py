"""WorkOS' pages between a server's URL and the provider: whose account it will be, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from infra.local.authkit.errors import NO_STORE
from infra.local.authkit.pages import Pages
from infra.local.authkit.parameters import bounded_body
from infra.local.pipes.pipes import Connecting, Pipes

CONFIRM_PATH = "/pipes/confirm"
CALLBACK_PATH = "/pipes/callback"
CLIENT_ID = "workos-local"
"""What WorkOS is called at the providers."""
TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class ConnectPages:
    """The first form of each page goes on, so that a script can connect an account as a person does."""

    pages: Pages
    pipes: Pipes

    async def show(self, request: Request) -> Response:
        """The confirmation screen, which names the user to whom the account will belong."""
        state = request.query_params.get("state", "")
        connecting = self.pipes.connecting.get(state)
        if connecting is None:
            return self._refuse()
        return self.pages.render("confirm.html", state=state, view=self._describe(connecting))

    async def confirm(self, request: Request) -> Response:
        state = (await read_fields(request)).get("state", "")
        connecting = self.pipes.connecting.get(state)
        if connecting is None:
            return self._refuse()
        # The provider gets another state: whoever sees its URL does not have that of the confirmation screen.
        provider_state = self.pipes.begin(connecting)
        self.pipes.confirmed.put(provider_state, state)
        origin = str(request.base_url).rstrip("/")
        query = {
            "client_id": CLIENT_ID,
            "redirect_uri": f"{origin}{CALLBACK_PATH}",
            "scope": " ".join(connecting.provider.scopes),
            "state": provider_state,
        }
        return redirect(f"/providers/{connecting.provider.slug}/authorize", query)

    async def cancel(self, request: Request) -> Response:
        connecting = self.pipes.connecting.take((await read_fields(request)).get("state", ""))
        return self._refuse() if connecting is None else self._leave(connecting, error="access_denied")

    async def finish(self, request: Request) -> Response:
        """Where the provider sends the browser back: with a code, or an error."""
        provider_state = request.query_params.get("state", "")
        first = self.pipes.confirmed.take(provider_state)
        connecting = self.pipes.connecting.take(provider_state)
        # One connection for each URL: a second one in another window ends here.
        if first is None or connecting is None or self.pipes.connecting.take(first) is None:
            return self._refuse()
        given = self.pipes.codes.take(request.query_params.get("code", ""))
        if given is None or given[0] != connecting.provider.slug:
            return self._leave(connecting, error="access_denied")
        token = self.pipes.tokens.issue(*given)
        self.pipes.accounts.connect(connecting.provider.slug, connecting.owner, connecting.user_id, token)
        return self._leave(connecting)

    def _leave(self, connecting: Connecting, **more: str) -> Response:
        if connecting.return_to is None:
            return self.pages.render("done.html", provider=connecting.provider.name, is_connected=not more)
        return redirect(connecting.return_to, more)

    def _describe(self, connecting: Connecting) -> Mapping[str, object]:
        seed, owner = self.pipes.seed, connecting.owner
        organization = seed.organization(owner.organization_id) if owner.organization_id else None
        return {
            "provider": connecting.provider.name,
            "user": seed.user(connecting.user_id),
            "organization": organization and organization.name,
            "is_shared": owner.user_id is None,
        }

    def _refuse(self) -> Response:
        return self.pages.render("over.html", 400)


async def read_fields(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await bounded_body(request)).decode(errors="replace"), keep_blank_values=True))


def redirect(address: str, query: Mapping[str, str]) -> Response:
    """Send the browser to the address, whose own query stays."""
    parts = urlsplit(address)
    joined = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *query.items()])
    return RedirectResponse(urlunsplit(parts._replace(query=joined)), 303, NO_STORE)
