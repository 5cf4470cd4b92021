"""The two login pages: who signs in, and what they allow to the client.

They work without JavaScript. Sending the first form of each page unchanged continues the login, so a script
can log in as a person does.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from infra.local.authkit.authorize import back_to_client
from infra.local.authkit.errors import NO_STORE
from infra.local.authkit.grants import Grants
from infra.local.authkit.login_views import consent_view, people
from infra.local.authkit.logins import Codes, Login, Logins
from infra.local.authkit.pages import Pages
from infra.local.authkit.parameters import bounded_body
from infra.local.authkit.resources import ResourceIndicators
from infra.local.seed.rows import Seed


@dataclass(frozen=True, slots=True)
class LoginPages:
    pages: Pages
    seed: Seed
    logins: Logins
    codes: Codes
    resources: ResourceIndicators
    grants: Grants

    async def show_error(self, request: Request) -> Response:
        return self.pages.error(request.query_params.get("error", ""))

    async def show_users(self, request: Request) -> Response:
        transaction = request.query_params.get("transaction", "")
        login = self.logins.find(transaction)
        if login is None:
            return self.pages.error("login_expired")
        name = login.request.client.name
        return self.pages.render("sign-in.html", transaction=transaction, client=name, people=people(self.seed))

    async def choose_user(self, request: Request) -> Response:
        fields = await _fields(request)
        transaction = fields.get("transaction", "")
        if self.logins.find(transaction) is None:
            return self.pages.error("login_expired")
        user = self.seed.user(fields.get("user", self.seed.users[0].id))
        if user is None:
            return self.pages.error("choice_not_possible")
        self.logins.choose_user(transaction, user.id)
        self.grants.sessions.start(user.id, request.headers.get("user-agent"))
        return RedirectResponse(f"/login/consent?transaction={transaction}", 303, NO_STORE)

    async def show_consent(self, request: Request) -> Response:
        transaction = request.query_params.get("transaction", "")
        login = self.logins.find(transaction)
        if login is None or login.user_id is None:
            return self.pages.error("login_expired")
        view = consent_view(login.request, login.user_id, self.seed, self.resources)
        return self.pages.render("consent.html", transaction=transaction, view=view)

    async def allow(self, request: Request) -> Response:
        fields = await _fields(request)
        login = self.logins.find(fields.get("transaction", ""))
        if login is None or login.user_id is None:
            return self.pages.error("login_expired")
        theirs = [membership.organization for membership in self.seed.active_memberships(login.user_id)]
        chosen = fields.get("organization", theirs[0] if theirs else None)
        if chosen is not None and chosen not in theirs:
            return self.pages.error("choice_not_possible")
        self.logins.finish(fields["transaction"])
        return self._with_code(login, login.user_id, chosen)

    async def cancel(self, request: Request) -> Response:
        login = self.logins.finish((await _fields(request)).get("transaction", ""))
        if login is None:
            return self.pages.error("login_expired")
        return back_to_client(
            login.request.redirect_uri,
            303,
            error="access_denied",
            error_description="The user did not allow access.",
            state=login.request.state,
        )

    def _with_code(self, login: Login, user_id: str, organization_id: str | None) -> Response:
        code, consent = self.codes.issue(login.request, user_id, organization_id)
        self.grants.authorizations.add(consent, login.request.client)
        return back_to_client(login.request.redirect_uri, 303, code=code, state=login.request.state)


async def _fields(request: Request) -> dict[str, str]:
    """Take the last value of each field: a script may send every radio button of a page."""
    return dict(parse_qsl((await bounded_body(request)).decode(errors="replace")))
