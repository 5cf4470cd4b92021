"""Accounts that users have at other services, such as GitHub: WorkOS keeps their tokens (Pipes)."""

import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias

from pydantic import SecretStr

from app.current import CallerError
from app.workos.token_memory import Owner, TokenMemory, WhoseAccount

if TYPE_CHECKING:
    import httpx2
    from workos import AsyncWorkOSClient, NotFoundError

logger = logging.getLogger(__name__)

Problem: TypeAlias = Literal["not_installed", "needs_reauthorization", "missing_scopes"]
"""Why WorkOS gives no token: never connected, WorkOS lost the access, or the user did not allow enough."""
_TOKEN = re.compile(r"[\x21-\x7E]+")
"""RFC 6750 section 2.1 allows fewer characters. Others could not be sent, and an error would repeat the value."""


class NotConnected(Exception):
    """The user has to connect the account first, or again."""

    def __init__(self, problem: Problem, scopes: frozenset[str] = frozenset()) -> None:
        """`scopes` are those that are missing."""
        super().__init__(problem)
        self.problem: Problem = problem
        self.scopes = scopes


class ProviderNotSetUp(CallerError):
    """WorkOS does not know the provider, or never asks for a scope that a tool needs: the log says it."""

    def __init__(self) -> None:
        super().__init__(
            "This needs an account at another service, which this server is not set up for. Its operator finds "
            "the reason in the log."
        )


class UnexpectedToken(Exception):
    """WorkOS answered with something that is not a token. The message repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class ConnectedToken:
    """The token of a connected account, as WorkOS has it now."""

    access_token: SecretStr
    scopes: frozenset[str]
    missing_scopes: frozenset[str]
    """What WorkOS asks for at this provider and the user did not allow."""
    expires_at: float | None
    """In seconds since the epoch; None for a token without an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A provider that this server's WorkOS has, and the user's account there, if there is one."""

    provider: str
    """The slug, such as "github"."""
    name: str
    owner: Owner
    state: str
    """`connected`, `needs_reauthorization`, `disconnected`, or `not_connected` if the user never connected one."""
    scopes: tuple[str, ...] = ()
    connected_at: str | None = None
    """ISO 8601."""


class Pipes:
    """WorkOS Pipes for callers. A token is kept for a minute at most. What is not connected is asked for again.

    `clock` gives wall time in seconds since the epoch.
    """

    def __init__(
        self,
        client: Callable[[], Awaitable["AsyncWorkOSClient"]],
        clock: Callable[[], float],
        return_to: str,
        transport: "httpx2.AsyncBaseTransport | None" = None,
    ) -> None:
        """`return_to` is where WorkOS sends the user at the end. `transport` carries the authors' requests."""
        self.transport = transport
        self._client = client
        self._return_to = return_to
        self._memory: TokenMemory[ConnectedToken] = TokenMemory(clock)

    async def find_token(
        self, whose: WhoseAccount, scopes: frozenset[str], *, renew: bool = False
    ) -> ConnectedToken:
        """The token of the account, with these scopes. With `renew` WorkOS is asked even within the minute.

        Raises:
            NotConnected: the user has to connect the account.
            ProviderNotSetUp: the operator has to do something in the WorkOS dashboard.
            workos.WorkOSError: WorkOS refused or failed.
        """
        token = None if renew else self._memory.find(whose)
        if token is not None and token.scopes >= scopes:
            return token
        self._memory.forget(whose)
        token = await self._fetch_token(whose)
        if lacking := scopes - token.scopes:
            _refuse_lack(whose.provider, lacking, token.missing_scopes)
        self._memory.put(whose, token, token.expires_at)
        return token

    async def authorize(self, whose: WhoseAccount, problem: Problem) -> str:
        """The URL at which the user connects the account. It stays valid for a few minutes.

        It is asked for without a `code_challenge`, so WorkOS first shows to whose account it connects
        (docs: pipes/securing-authorizations).

        Raises:
            ProviderNotSetUp: WorkOS does not know the provider.
            workos.WorkOSError: WorkOS refused or failed.
        """
        client = await self._client()
        from workos import NotFoundError

        account = None if problem == "not_installed" else await self._find_account_id(client, whose)
        try:
            answer = await client.pipes.authorize_data_integration(
                whose.provider,
                user_id=whose.user_id,
                organization_id=whose.organization_id,
                return_to=self._return_to,
                connection_intent="reauthorize" if account else None,
                connected_account_id=account,
            )
        except NotFoundError as unknown:
            _refuse_provider(whose.provider, unknown)
        return answer.url

    async def list_connections(self, user_id: str, organization_id: str | None) -> list[Connection]:
        """All providers of this server's WorkOS, with the user's account at each.

        Raises:
            workos.WorkOSError: WorkOS refused or failed.
        """
        client = await self._client()
        answer = await client.pipes.list_user_data_providers(user_id, organization_id=organization_id)
        return list(_read_connections(answer.data, user_id, organization_id))

    async def disconnect(self, whose: WhoseAccount) -> bool:
        """Have WorkOS forget the user's account and its tokens; False if none was connected.

        The provider is not told: what the user allowed there stays until they take it back there.

        Raises:
            workos.WorkOSError: WorkOS refused or failed.
        """
        self._memory.forget(whose)
        client = await self._client()
        from workos import NotFoundError

        try:
            await client.pipes.delete_user_connected_account(
                whose.user_id, whose.provider, organization_id=whose.organization_id
            )
        except NotFoundError:
            return False
        finally:
            # Again: another call of the user may have fetched the token while WorkOS was asked.
            self._memory.forget(whose)
        return True

    async def _fetch_token(self, whose: WhoseAccount) -> ConnectedToken:
        client = await self._client()
        from workos import NotFoundError

        # Left out, not null: WorkOS' OpenAPI document has no null here.
        scope: dict[str, Any] = {"organization_id": whose.organization_id} if whose.organization_id else {}
        try:
            answer = await client.pipes.get_access_token(
                whose.provider, user_id=whose.user_id, connection_owner=whose.owner, **scope
            )
        except NotFoundError as unknown:
            _refuse_provider(whose.provider, unknown)
        if not answer.active:
            # An error that WorkOS adds later is one that a new authorisation may mend.
            is_new = answer.error is not None and answer.error.value == "not_installed"
            raise NotConnected("not_installed" if is_new else "needs_reauthorization")
        return _read_token(answer.access_token)

    @staticmethod
    async def _find_account_id(client: "AsyncWorkOSClient", whose: WhoseAccount) -> str | None:
        """The id of the account to authorise again; None if it was removed meanwhile."""
        from workos import NotFoundError

        try:
            account = await client.pipes.get_user_connected_account(
                whose.user_id, whose.provider, organization_id=whose.organization_id
            )
        except NotFoundError:
            return None
        return account.id


def _read_token(answer: Any) -> ConnectedToken:
    if answer is None or not isinstance(answer.access_token, str) or not _TOKEN.fullmatch(answer.access_token):
        raise UnexpectedToken("WorkOS says that the account is connected and gives no token that can be sent")
    return ConnectedToken(
        SecretStr(answer.access_token),
        frozenset(answer.scopes),
        frozenset(answer.missing_scopes),
        None if answer.expires_at is None else answer.expires_at.timestamp(),
    )


def _read_connections(rows: list[Any], user_id: str, organization_id: str | None) -> Iterator[Connection]:
    for row in rows:
        account = row.connected_account
        # Compare the answer with the question: another user's account is not shown.
        if account is not None and (
            account.user_id not in (None, user_id) or account.organization_id not in (None, organization_id)
        ):
            account = None
        yield Connection(
            provider=row.slug,
            name=row.name,
            owner="organization" if row.connection_owner.value == "organization" else "user",
            state=account.state.value if account else "not_connected",
            scopes=tuple(account.scopes) if account else (),
            connected_at=str(account.created_at) if account else None,
        )


def _refuse_lack(provider: str, lacking: frozenset[str], askable: frozenset[str]) -> NoReturn:
    """Ask the user for what WorkOS can ask for. If it does not, no authorisation could ever help."""
    if lacking <= askable:
        raise NotConnected("missing_scopes", lacking)
    logger.error(
        "a tool needs a scope that WorkOS does not ask for: add it in the WorkOS dashboard, Pipes",
        extra={"provider": provider, "scopes": sorted(lacking - askable)},
    )
    raise ProviderNotSetUp


def _refuse_provider(provider: str, unknown: "NotFoundError") -> NoReturn:
    from app.workos.answer_log import describe

    logger.error(
        "WorkOS does not know this provider: connect it in the WorkOS dashboard, Pipes",
        extra={"provider": provider, **describe(unknown)},
    )
    raise ProviderNotSetUp from None
