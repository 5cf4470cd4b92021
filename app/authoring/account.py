"""A caller's account at another service: `github: Annotated[Account, connected("github", scopes=["repo"])]`."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from fastapi import Depends
from pydantic import BaseModel, SecretStr

from app.auth.session import CurrentSession, NoSession, Session
from app.authoring.ask import Ask, CurrentAsk
from app.authoring.errors import ToolError
from app.authoring.work import current_work
from app.workos.client import NoUser, current_workos
from app.workos.tenant import NoOrganization
from app.workos.token_memory import Owner, WhoseAccount

if TYPE_CHECKING:
    import httpx2

    from app.authoring.account_http import AccountClient
    from app.workos.pipes import ConnectedToken, NotConnected, Pipes

MAX_REMINDERS = 3
"""How often one call asks whether the user has finished, before it tells them to call again."""
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_NAMES = {"github": "GitHub", "gitlab": "GitLab", "hubspot": "HubSpot", "linkedin": "LinkedIn"}


class AccountNotConnected(ToolError):
    """The caller has to connect the account first, and could not be asked. The text says how."""


class Finished(BaseModel):
    """The answer to a question that only waits: a form without fields."""


class Account:
    """An account at another service, such as GitHub, with the token that WorkOS has for it.

    In a test make one, which needs no network: `Account("github", "gho_test", transport=MockTransport(answer))`.
    """

    def __init__(
        self,
        provider: str,
        access_token: str | SecretStr,
        *,
        scopes: Iterable[str] = (),
        expires_at: float | None = None,
        owner: Owner = "user",
        transport: "httpx2.AsyncBaseTransport | None" = None,
        renew: "Callable[[], Awaitable[ConnectedToken]] | None" = None,
    ) -> None:
        """`transport` carries the requests of `http`, by default the network; `renew` asks WorkOS for a token."""
        self.provider = provider
        """The slug that WorkOS has for it."""
        self.owner = owner
        """Whose account it is: the user's own, or one that an administrator shares with the organisation."""
        self.access_token = SecretStr(access_token) if isinstance(access_token, str) else access_token
        """Hidden in logs and texts. `.get_secret_value()` shows it: send it to the provider alone."""
        self.scopes = frozenset(scopes)
        """What the user allowed at the provider."""
        self.expires_at = expires_at
        """When the token ends, in seconds since the epoch; None if it does not."""
        self._transport = transport
        self._renew = renew
        self._http: AccountClient | None = None

    def __repr__(self) -> str:
        return f"Account({self.provider!r}, owner={self.owner!r})"

    @property
    def http(self) -> "httpx2.AsyncClient":
        """A client that sends the token: https only, 10 s and 4 MiB for each answer, no redirects unless you ask.

        Redirects to other hosts that you ask for are followed without the token. The call closes it at its end.
        """
        if self._http is None:
            from app.authoring.account_http import AccountClient

            self._http = AccountClient(lambda: self.access_token, self._transport)
        return self._http

    async def refresh(self) -> None:
        """Get the token from WorkOS again, for example after the provider answered 401.

        Raises:
            AccountNotConnected: the account is not connected any more.
        """
        if self._renew is None:
            return
        token = await self._renew()
        self.access_token, self.scopes, self.expires_at = token.access_token, token.scopes, token.expires_at

    async def close(self) -> None:
        """Close the connections of `http`."""
        if self._http is not None:
            await self._http.aclose()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Refuse to become part of a schema: a client would fill it as an argument, and read it in a result."""
        raise TypeError(
            'an Account comes from WorkOS alone; take it as github: Annotated[Account, connected("github")]'
        )


def connected(
    provider: str, *, scopes: Iterable[str] = (), owner: Owner = "user", otherwise: Exception | None = None
) -> Any:
    """A dependency: the caller's account at this provider, or the account of the caller's organisation.

    If the user has not connected it, or allowed too little, the call asks them to open WorkOS' page for it, and
    goes on when they have. No schema shows the parameter.

    Args:
        provider: The slug from the WorkOS dashboard, Pipes, such as "github".
        scopes: What the tool needs at the provider. WorkOS asks for those of the dashboard, so add them there.
        owner: "organization" takes the account that an administrator shares. No caller is asked to connect it.
        otherwise: The exception to raise for a client that cannot open pages. Without it, such a client gets the
            address as text.

    Raises:
        ValueError: the provider, a scope or the owner cannot be one.
        TypeError: the scopes are one text.
    """
    return Depends(ConnectedAccount(provider, _check_scopes(provider, scopes, owner), owner, otherwise))


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """What `connected` depends on. Equal ones are fetched once in a call."""

    provider: str
    scopes: frozenset[str]
    owner: Owner
    otherwise: Exception | None

    async def __call__(self, session: CurrentSession, ask: CurrentAsk) -> AsyncIterator[Account]:
        """Yield the account; its connections end with the call."""
        token = await self.find_token(session, ask)
        pipes, whose = find_pipes(), identify_account(session, self.provider, self.owner)
        from app.workos.pipes import NotConnected

        async def renew() -> "ConnectedToken":
            try:
                return await pipes.find_token(whose, self.scopes, renew=True)
            except NotConnected as lack:
                raise AccountNotConnected(_advise_to_call(lack, whose)) from None

        account = Account(
            self.provider,
            token.access_token,
            scopes=token.scopes,
            expires_at=token.expires_at,
            owner=self.owner,
            transport=pipes.transport,
            renew=renew,
        )
        try:
            yield account
        finally:
            await account.close()

    async def find_token(self, session: Session, ask: Ask) -> "ConnectedToken":
        """The token of the account. In a call, the user is asked to connect an account that is not there.

        Background work asks nothing here: its next run would find the account, and would not ask any more. But the
        engine finds what a run has done by its place, so each run has to do the same.

        Raises:
            AccountNotConnected: the account is not there, and nobody can be asked for it.
            NoUser, NoOrganization: the caller can have no such account.
        """
        pipes, whose = find_pipes(), identify_account(session, self.provider, self.owner)
        from app.workos.pipes import NotConnected

        try:
            return await pipes.find_token(whose, self.scopes)
        except NotConnected as lack:
            if current_work.find() is not None:
                raise self.otherwise or AccountNotConnected(_advise_to_call(lack, whose)) from None
            await self._send_to_page(pipes, whose, ask, lack)

    async def _send_to_page(self, pipes: "Pipes", whose: WhoseAccount, ask: Ask, lack: "NotConnected") -> NoReturn:
        """Ask the user to open the page, and then whether they have finished. Both end the round trip.

        Each round trip asks WorkOS first, so this runs only while the account is still not there.

        Raises:
            AccountNotConnected: the client cannot ask, or the account is not there after all reminders.
        """
        problem, name = _describe(lack, whose), name_provider(whose.provider)
        if self.owner == "organization":
            raise AccountNotConnected(f"{problem} An administrator of your organisation has to connect it.")

        async def authorize() -> str:
            return await pipes.authorize(whose, lack.problem)

        # The same URL in each round trip: a question is recognised by its text.
        url = await ask.keep(f"connected:{whose.provider}:{lack.problem}", authorize)
        how = f"Open this address in your browser to connect it, then call again: {url}"
        await ask.visit(
            url,
            f"{problem} Connect it on the page of WorkOS, which shows to whose account it will be connected.",
            otherwise=self.otherwise or AccountNotConnected(f"{problem} {how}"),
        )
        reminder = f"{problem} Finish in your browser, and continue here when the page says that you can close it."
        for _ in range(MAX_REMINDERS):
            await ask(reminder, Finished, otherwise=AccountNotConnected(f"{problem} {how}"))
        raise AccountNotConnected(f"{problem} {name} can still be connected: call again.")


def find_pipes() -> "Pipes":
    """The connected accounts of this environment.

    Raises:
        NoSession: outside a request.
    """
    try:
        return current_workos.get().pipes
    except LookupError:
        raise NoSession(
            'connected accounts need a request: in a test pass an account, Account("github", "gho_test")'
        ) from None


def require_person(session: Session) -> None:
    """Raises: NoUser, for a program without a user: WorkOS connects accounts to people."""
    if not session.is_person:
        raise NoUser(is_api_key=session.kind == "api_key")


def identify_account(session: Session, provider: str, owner: Owner) -> WhoseAccount:
    """The caller's account there.

    Raises:
        NoUser: no person stands behind the caller.
        NoOrganization: the account is one of an organisation, and the caller is logged in without one.
    """
    require_person(session)
    if owner == "organization" and session.organization_id is None:
        raise NoOrganization
    return WhoseAccount(provider, session.user_id, session.organization_id, owner)


def name_provider(slug: str) -> str:
    """Its name in texts for people."""
    return _NAMES.get(slug) or slug.replace("-", " ").replace("_", " ").title()


def _describe(lack: "NotConnected", whose: WhoseAccount) -> str:
    name = name_provider(whose.provider)
    if lack.problem == "missing_scopes":
        scopes = ", ".join(sorted(lack.scopes))
        return f"{name} is connected, but this needs a permission that was not given there: {scopes}."
    is_shared = whose.owner == "organization"
    if lack.problem == "needs_reauthorization":
        whom = "Your organisation's" if is_shared else "Your"
        return f"{whom} connection to {name} has ended, so it has to be connected again."
    return f"{name} is not connected for {'your organisation' if is_shared else 'you'}."


def _advise_to_call(lack: "NotConnected", whose: WhoseAccount) -> str:
    """For a caller whom the next call will ask, or tell who has to connect the account."""
    return f"{_describe(lack, whose)} Call again to connect it."


def _check_scopes(provider: Any, scopes: Any, owner: Any) -> frozenset[str]:
    if not _SLUG.fullmatch(str(provider)):
        raise ValueError(f'connected({provider!r}) is not the slug of a provider; write "github", for example')
    if owner not in ("user", "organization"):
        raise ValueError(f'owner of connected({provider!r}) must be "user" or "organization", not {owner!r}')
    if isinstance(scopes, str):
        raise TypeError(f"scopes of connected({provider!r}) must be a list; write scopes=[{scopes!r}]")
    listed = list(scopes)
    if not all(isinstance(each, str) and each and each == each.strip() for each in listed):
        raise ValueError(f"scopes of connected({provider!r}) must be texts without spaces around them")
    return frozenset(listed)
