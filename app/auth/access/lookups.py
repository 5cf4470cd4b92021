"""What WorkOS knows of a caller that the token does not say: membership, role permissions, feature flags."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from app.auth.access.kept import Kept, Undecidable

if TYPE_CHECKING:
    from workos import AsyncWorkOSClient

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
SECONDS = 5.0
"""All that the decisions of one exchange wait for WorkOS."""
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
        self.seconds = seconds
        self._client = client
        self.memberships: Kept[tuple[str, str], Membership | None] = Kept(self._membership, clock)
        """By user and organisation; None: no active membership."""
        self.role_permissions: Kept[tuple[str, str], frozenset[str]] = Kept(self._role_permissions, clock)
        """By organisation and role: its other members ask nothing more."""
        self.flags: Kept[tuple[str, str], frozenset[str]] = Kept(self._flags, clock)
        """By "organization" or "user", and its id."""

    async def may(
        self, membership: str, permission: str, *, resource_type: str, external_id: str, deadline: float
    ) -> bool:
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

        try:
            async with asyncio.timeout_at(deadline):
                return await self._asked(ask, if_unknown=False)
        except TimeoutError:
            raise Undecidable("timeout") from None

    async def _membership(self, key: tuple[str, str]) -> Membership | None:
        user, organization = key

        async def ask(client: "AsyncWorkOSClient") -> Membership | None:
            page = await client.organization_membership.list_organization_memberships(
                user_id=user, organization_id=organization, statuses=["active"]
            )
            for row in page.data:
                # What was asked for is compared with what came: a wrong answer must not become a role.
                if (row.user_id, row.organization_id, row.status) == (user, organization, "active"):
                    return Membership(row.id, tuple(each.slug for each in row.roles or [row.role]))
            return None

        return await self._asked(ask, if_unknown=None)

    async def _role_permissions(self, key: tuple[str, str]) -> frozenset[str]:
        organization, role = key

        async def ask(client: "AsyncWorkOSClient") -> frozenset[str]:
            found = await client.authorization.get_organization_role(organization, role)
            return frozenset(found.permissions if found.slug == role else ())

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
        try:
            client = await self._client()
        except Exception as error:  # no key, or SSM is down: the log has said why
            raise _undecidable(error) from error
        from workos import NotFoundError, WorkOSError

        try:
            return await ask(client)
        except NotFoundError:
            return if_unknown
        except (WorkOSError, AttributeError, TypeError) as error:  # the latter two: an answer of another shape
            raise _undecidable(error) from error


def _undecidable(error: Exception) -> Undecidable:
    logger.warning(
        "grants could not be looked up",
        extra={"reason": type(error).__name__, "status": getattr(error, "status_code", None)},
    )
    return Undecidable(type(error).__name__)
