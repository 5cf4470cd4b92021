"""What WorkOS knows of a caller that the token does not say: membership, role permissions, feature flags."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from app.auth.access.kept import Kept, Undecidable

if TYPE_CHECKING:
    from workos import AsyncWorkOSClient

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
SECONDS = 3.0
"""For one question to WorkOS."""
QUIET = 5.0
"""Seconds after a question without an answer in which nobody waits for another one."""
_UNREACHABLE = ("WorkOSConnectionError", "WorkOSTimeoutError")
REFUSED_QUESTION = (400, 409, 422)
"""Statuses by which WorkOS refuses the question itself: the same one would be refused again."""
MOST_FLAGS = 100
"""Flags on one page; more than one page of them is read on."""


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
            return answer.authorized is True

        return await self._asked(ask, if_unknown=False)

    async def _membership(self, key: tuple[str, str]) -> Membership | None:
        user, organization = key

        async def ask(client: "AsyncWorkOSClient") -> Membership | None:
            page = await client.organization_membership.list_organization_memberships(
                user_id=user, organization_id=organization, statuses=["active"]
            )
            if not page.data:
                return None
            (row,) = page.data
            # What came is compared with what was asked for: a wrong answer is none, neither a role nor a no.
            if (row.user_id, row.organization_id, row.status) != (user, organization, "active"):
                raise ValueError("the membership of somebody else")
            roles = tuple(each.slug for each in row.roles or [row.role])
            if not all(isinstance(slug, str) for slug in roles):
                raise TypeError("a role without a slug")
            return Membership(row.id, roles)

        return await self._asked(ask, if_unknown=None)

    async def _role_permissions(self, key: tuple[str, str]) -> frozenset[str]:
        organization, role = key

        async def ask(client: "AsyncWorkOSClient") -> frozenset[str]:
            found = await client.authorization.get_organization_role(organization, role)
            if found.slug != role:
                raise ValueError("another role")
            return frozenset(found.permissions)

        return await self._asked(ask, if_unknown=frozenset())

    async def _flags(self, key: tuple[str, str]) -> frozenset[str]:
        of, id_ = key

        async def ask(client: "AsyncWorkOSClient") -> frozenset[str]:
            flags = client.feature_flags
            listed = flags.list_user_feature_flags if of == "user" else flags.list_organization_feature_flags
            page = await listed(id_, limit=MOST_FLAGS)
            return frozenset([flag.slug async for flag in page.auto_paging_iter() if flag.enabled])

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
            status = getattr(error, "status_code", None)
            if _concerns_all(error, status):
                self._silent_at = self._clock()
            from app.auth.workos_log import describe  # only once something failed: a cold start does without

            told = describe(error)
            logger.warning("grants could not be looked up", extra=told)
            is_refused = status in REFUSED_QUESTION and told.get("failure") is None
            raise Undecidable(is_lasting=is_refused) from error

    async def _answer(self, ask: Callable[["AsyncWorkOSClient"], Awaitable[Answer]], if_unknown: Answer) -> Answer:
        client = await self._client()
        from workos import NotFoundError

        try:
            return await ask(client)
        except NotFoundError:
            return if_unknown


def _concerns_all(error: Exception, status: Any) -> bool:
    """Whether WorkOS itself is the trouble. What one caller's question can cause must not silence the others'."""
    if isinstance(status, int):
        return status in (401, 403, 429) or status >= 500
    return isinstance(error, TimeoutError) or type(error).__name__ in _UNREACHABLE
