"""What WorkOS knows about a caller that the token does not say: membership, role permissions, feature flags."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar

from app.access.cache import MinuteCache, Undecidable

if TYPE_CHECKING:
    from workos import AsyncWorkOSClient

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
MAX_QUESTION_SECONDS = 3.0
"""What one question to WorkOS may take."""
FAILURE_PAUSE_SECONDS = 5.0
"""After a question failed because of WorkOS itself, no call waits for another one for this long."""
FLAGS_PER_PAGE = 100
"""Feature flags in one request. Further pages are read as well."""
_INVALID_QUESTION = (400, 409, 422)
"""Statuses with which WorkOS refuses the question itself: the same one would be refused again."""

_Row: TypeAlias = Mapping[str, Any]


class UnexpectedAnswer(Exception):
    """WorkOS answered in another form than its documentation says: that is neither a yes nor a no."""


@dataclass(frozen=True, slots=True)
class Membership:
    """An active membership of a user in an organisation."""

    id: str
    roles: tuple[str, ...]
    """Slugs."""


class Lookups:
    """Questions to WorkOS. Most answers are kept for a minute and shared by all callers that they are about.

    `clock` gives wall time in seconds since the epoch.
    """

    def __init__(
        self,
        client: Callable[[], Awaitable["AsyncWorkOSClient"]],
        clock: Callable[[], float],
        max_seconds: float = MAX_QUESTION_SECONDS,
    ) -> None:
        self.clock = clock
        self._client = client
        self._max_seconds = max_seconds
        self._failed_at = -math.inf
        self.memberships: MinuteCache[tuple[str, str], Membership | None] = MinuteCache(
            self._fetch_membership, clock
        )
        """By user and organisation. None: the user has no active membership there."""
        self.role_permissions: MinuteCache[tuple[str, str], frozenset[str]] = MinuteCache(
            self._fetch_role_permissions, clock
        )
        """By organisation and role, so that all members with this role share one answer."""
        self.flags: MinuteCache[tuple[str, str], frozenset[str]] = MinuteCache(self._fetch_flags, clock)
        """By "organization" or "user", and its id."""

    async def may(self, membership: str, permission: str, *, resource_type: str, external_id: str) -> bool:
        """Ask whether the membership has the permission on one resource (WorkOS authorization check).

        The answer is not kept.

        Raises:
            Undecidable: WorkOS cannot answer now.
        """

        async def ask(client: "AsyncWorkOSClient") -> bool:
            from workos.authorization import ResourceTargetByExternalId

            target = ResourceTargetByExternalId(resource_external_id=external_id, resource_type_slug=resource_type)
            answer = await client.authorization.check(
                membership, permission_slug=permission, resource_target=target
            )
            return _expect_bool(answer.authorized)

        return await self._ask(ask, if_unknown=False)

    async def _fetch_membership(self, key: tuple[str, str]) -> Membership | None:
        user, organization = key

        async def ask(client: "AsyncWorkOSClient") -> Membership | None:
            path = ("user_management", "organization_memberships")
            query = {"user_id": user, "organization_id": organization, "statuses": "active"}
            rows = await _fetch_rows(client, path, query)
            if not rows:
                return None
            # Compare the answer with the question: another user's row must not give this caller a role.
            row, subject = rows[0], [rows[0].get(name) for name in ("user_id", "organization_id", "status")]
            if len(rows) > 1 or subject != [user, organization, "active"]:
                raise UnexpectedAnswer("the membership of another user")
            roles = _expect_objects(row.get("roles") or [row.get("role")])
            return Membership(_expect_text(row.get("id")), tuple(_expect_text(role.get("slug")) for role in roles))

        return await self._ask(ask, if_unknown=None)

    async def _fetch_role_permissions(self, key: tuple[str, str]) -> frozenset[str]:
        organization, role = key

        async def ask(client: "AsyncWorkOSClient") -> frozenset[str]:
            path = ("authorization", "organizations", organization, "roles", role)
            found = await client.request_raw("get", path)
            if found.get("slug") != role:
                raise UnexpectedAnswer("another role")
            return frozenset(_expect_text(each) for each in _expect_list(found.get("permissions")))

        return await self._ask(ask, if_unknown=frozenset())

    async def _fetch_flags(self, key: tuple[str, str]) -> frozenset[str]:
        kind, id_ = key

        async def ask(client: "AsyncWorkOSClient") -> frozenset[str]:
            path = ("user_management", "users") if kind == "user" else ("organizations",)
            rows = await _fetch_rows(client, (*path, id_, "feature-flags"), {"limit": FLAGS_PER_PAGE})
            return frozenset(_expect_text(row.get("slug")) for row in rows if _expect_bool(row.get("enabled")))

        return await self._ask(ask, if_unknown=frozenset())

    async def _ask(self, ask: Callable[["AsyncWorkOSClient"], Awaitable[Answer]], *, if_unknown: Answer) -> Answer:
        """Return the answer, or `if_unknown`, which grants nothing, if WorkOS does not know the thing asked about.

        Raises:
            Undecidable: a timeout, no API key, a refusal or an unexpected answer is neither a yes nor a no.
        """
        if 0 <= self.clock() - self._failed_at < FAILURE_PAUSE_SECONDS:
            raise Undecidable
        try:
            # The limit is for WorkOS. The first client also imports its SDK, which takes long on a busy machine.
            client = await self._client()
            async with asyncio.timeout(self._max_seconds):
                return await _ask_client(client, ask, if_unknown)
        except Exception as error:
            if _concerns_all_callers(error):
                self._failed_at = self.clock()
            from app.workos.answer_log import describe  # imported only after a failure, to keep a cold start short

            facts = describe(error)
            logger.warning("grants could not be looked up", extra=facts)
            is_invalid = getattr(error, "status_code", None) in _INVALID_QUESTION and facts.get("failure") is None
            raise Undecidable(is_lasting=is_invalid) from error


async def _ask_client(
    client: "AsyncWorkOSClient", ask: Callable[["AsyncWorkOSClient"], Awaitable[Answer]], if_unknown: Answer
) -> Answer:
    from workos import NotFoundError

    try:
        return await ask(client)
    except NotFoundError as unknown:
        if unknown.code:
            return if_unknown
        # WorkOS sends a code with a thing that it does not know. Without one, the address is wrong.
        raise


async def _fetch_rows(client: "AsyncWorkOSClient", path: tuple[str, ...], query: Mapping[str, Any]) -> list[_Row]:
    """Return all rows of a list. The SDK's own pages would take any answer of another form for an empty list."""
    rows: list[_Row] = []
    after: str | None = None
    while True:
        page = await client.request_raw("get", path, params={**query, **({"after": after} if after else {})})
        found, (metadata,) = _expect_objects(page.get("data")), _expect_objects([page.get("list_metadata", {})])
        rows += found
        if not found or metadata.get("after") is None:
            return rows
        after = _expect_text(metadata["after"])


def _expect_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else _refuse("no list")


def _expect_objects(value: Any) -> list[_Row]:
    return [each if isinstance(each, dict) else _refuse("no object") for each in _expect_list(value)]


def _expect_text(value: Any) -> str:
    return value if isinstance(value, str) and value else _refuse("no text")


def _expect_bool(value: Any) -> bool:
    return value if isinstance(value, bool) else _refuse("neither true nor false")


def _refuse(problem: str) -> NoReturn:
    raise UnexpectedAnswer(problem)


def _concerns_all_callers(error: Exception) -> bool:
    """Return whether WorkOS itself fails. An error that one caller can cause must not stop others' questions."""
    status = getattr(error, "status_code", None)
    if getattr(getattr(error, "response", None), "is_foreign", False):  # the answer of another server
        return True
    if isinstance(status, int):
        # A 404 that means "unknown" was handled before: this one means that the address is wrong.
        return status in (401, 403, 404, 429) or status >= 500
    return isinstance(error, TimeoutError) or _is_from_transport(error.__cause__)


def _is_from_transport(error: BaseException | None) -> bool:
    """Return whether no answer of WorkOS came: no name, no connection, an answer cut off, or a foreign page."""
    from app.workos.answer_log import Failure  # see Lookups._ask

    return isinstance(getattr(error, "failure", None), Failure)
