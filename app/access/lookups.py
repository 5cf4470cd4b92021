"""What WorkOS knows of a caller that the token does not say: membership, role permissions, feature flags."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar

from app.access.kept import Kept, Undecidable

if TYPE_CHECKING:
    from workos import AsyncWorkOSClient

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
SECONDS = 3.0
"""For one question to WorkOS."""
QUIET = 5.0
"""Seconds after a question without an answer in which nobody waits for another one."""
REFUSED_QUESTION = (400, 409, 422)
"""Statuses by which WorkOS refuses the question itself: the same one would be refused again."""
MOST_FLAGS = 100
"""Flags on one page; more than one page of them is read on."""

_Row: TypeAlias = Mapping[str, Any]


class WrongShape(Exception):
    """WorkOS answered in another shape than its documents say: neither a yes nor a no."""


@dataclass(frozen=True, slots=True)
class Membership:
    """An active membership of a user in an organisation."""

    id: str
    roles: tuple[str, ...]


class Lookups:
    """The answers of this environment, kept for a minute, shared by its callers by what was asked about."""

    def __init__(
        self,
        client: Callable[[], Awaitable["AsyncWorkOSClient"]],
        clock: Callable[[], float],
        seconds: float = SECONDS,
    ) -> None:
        self.clock = clock
        self._client = client
        self._clock = clock
        self._seconds = seconds
        self._silent_at = -math.inf
        self.memberships: Kept[tuple[str, str], Membership | None] = Kept(self._membership, clock)
        """By user and organisation; None: no active membership."""
        self.role_permissions: Kept[tuple[str, str], frozenset[str]] = Kept(self._role_permissions, clock)
        """By organisation and role: its other members ask nothing more."""
        self.flags: Kept[tuple[str, str], frozenset[str]] = Kept(self._flags, clock)
        """By "organization" or "user", and its id."""

    async def may(self, membership: str, permission: str, *, resource_type: str, external_id: str) -> bool:
        """Whether the membership has the permission on one resource (WorkOS authorization check). Not kept.

        Raises:
            Undecidable: WorkOS cannot say it now.
        """

        async def ask(client: "AsyncWorkOSClient") -> bool:
            from workos.authorization import ResourceTargetByExternalId

            target = ResourceTargetByExternalId(resource_external_id=external_id, resource_type_slug=resource_type)
            answer = await client.authorization.check(
                membership, permission_slug=permission, resource_target=target
            )
            return _truth(answer.authorized)

        return await self._asked(ask, if_unknown=False)

    async def _membership(self, key: tuple[str, str]) -> Membership | None:
        user, organization = key

        async def ask(client: "AsyncWorkOSClient") -> Membership | None:
            path = ("user_management", "organization_memberships")
            wanted = {"user_id": user, "organization_id": organization, "statuses": "active"}
            rows = await _rows(client, path, wanted)
            if not rows:
                return None
            # What came is compared with what was asked for: a wrong answer is neither a role nor a no.
            row, is_whose = rows[0], [rows[0].get(name) for name in ("user_id", "organization_id", "status")]
            if len(rows) > 1 or is_whose != [user, organization, "active"]:
                raise WrongShape("the membership of somebody else")
            roles = _objects(row.get("roles") or [row.get("role")])
            return Membership(_text(row.get("id")), tuple(_text(role.get("slug")) for role in roles))

        return await self._asked(ask, if_unknown=None)

    async def _role_permissions(self, key: tuple[str, str]) -> frozenset[str]:
        organization, role = key

        async def ask(client: "AsyncWorkOSClient") -> frozenset[str]:
            path = ("authorization", "organizations", organization, "roles", role)
            found = await client.request_raw("get", path)
            if found.get("slug") != role:
                raise WrongShape("another role")
            return frozenset(_text(each) for each in _list(found.get("permissions")))

        return await self._asked(ask, if_unknown=frozenset())

    async def _flags(self, key: tuple[str, str]) -> frozenset[str]:
        of, id_ = key

        async def ask(client: "AsyncWorkOSClient") -> frozenset[str]:
            path = ("user_management", "users") if of == "user" else ("organizations",)
            rows = await _rows(client, (*path, id_, "feature-flags"), {"limit": MOST_FLAGS})
            return frozenset(_text(row.get("slug")) for row in rows if _truth(row.get("enabled")))

        return await self._asked(ask, if_unknown=frozenset())

    async def _asked(
        self, ask: Callable[["AsyncWorkOSClient"], Awaitable[Answer]], *, if_unknown: Answer
    ) -> Answer:
        """The answer; `if_unknown` where WorkOS knows nothing of what was asked about, which grants nothing."""
        if 0 <= self._clock() - self._silent_at < QUIET:
            raise Undecidable
        try:
            async with asyncio.timeout(self._seconds):
                return await self._answer(ask, if_unknown)
        except Exception as error:
            # A timeout, no key, a refusal, an answer of another shape: none of them is a yes or a no.
            if _concerns_all(error):
                self._silent_at = self._clock()
            from app.workos.answer_log import describe  # only once something failed: a cold start does without

            told = describe(error)
            logger.warning("grants could not be looked up", extra=told)
            is_refused = getattr(error, "status_code", None) in REFUSED_QUESTION and told.get("failure") is None
            raise Undecidable(is_lasting=is_refused) from error

    async def _answer(self, ask: Callable[["AsyncWorkOSClient"], Awaitable[Answer]], if_unknown: Answer) -> Answer:
        client = await self._client()
        from workos import NotFoundError

        try:
            return await ask(client)
        except NotFoundError as unknown:
            if unknown.code:
                return if_unknown
            # WorkOS names a code for a thing that it does not know; a wrong address knows nothing at all.
            raise


async def _rows(client: "AsyncWorkOSClient", path: tuple[str, ...], wanted: Mapping[str, Any]) -> list[_Row]:
    """All rows of a list. Not by the SDK's pages: to them an answer of any other shape is an empty list."""
    rows: list[_Row] = []
    after: str | None = None
    while True:
        page = await client.request_raw("get", path, params={**wanted, **({"after": after} if after else {})})
        found, (about,) = _objects(page.get("data")), _objects([page.get("list_metadata", {})])
        rows += found
        if not found or about.get("after") is None:
            return rows
        after = _text(about["after"])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else _wrong("no list")


def _objects(value: Any) -> list[_Row]:
    return [each if isinstance(each, dict) else _wrong("no object") for each in _list(value)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value else _wrong("no text")


def _truth(value: Any) -> bool:
    return value if isinstance(value, bool) else _wrong("neither true nor false")


def _wrong(what: str) -> NoReturn:
    raise WrongShape(what)


def _concerns_all(error: Exception) -> bool:
    """Whether WorkOS itself is the trouble. What one caller's question can cause must not silence the others'."""
    status = getattr(error, "status_code", None)
    if getattr(getattr(error, "response", None), "is_foreign", False):  # another server refuses
        return True
    if isinstance(status, int):
        return status in (401, 403, 404, 429) or status >= 500  # a 404 that means "unknown" is an answer by now
    return isinstance(error, TimeoutError) or _is_of_the_transport(error.__cause__)


def _is_of_the_transport(error: BaseException | None) -> bool:
    """Whether there was no answer of WorkOS: no name, no connection, no end, another server's page."""
    from app.workos.answer_log import Failure  # as above

    return isinstance(getattr(error, "failure", None), Failure)
