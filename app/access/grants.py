"""What one caller holds: from the token where it says so, else from WorkOS; and which of the two it was."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from fastapi import Depends

from app.access.kept import Kept, Undecidable
from app.access.lookups import QUIET, Lookups, Membership
from app.auth.session import NoSession, Session
from app.current import Slot

Value = TypeVar("Value")

Source: TypeAlias = Literal["none", "token", "cache", "workos"]
SOURCES: tuple[Source, ...] = ("none", "token", "cache", "workos")
"""Where an answer came from, the farthest last."""


class Grants:
    """Roles, permissions and flags of the caller in the organisation of the login; each is asked for when needed.

    Every method raises Undecidable where WorkOS cannot say it now: nothing is guessed, nothing granted.
    """

    def __init__(self, session: Session, lookups: Lookups) -> None:
        self.session = session
        self.source: Source = "none"
        """Where the furthest answer came from: the token, what this environment remembers, or WorkOS just now."""
        self._lookups = lookups
        self._answers = _Once(lookups.clock)

    async def roles(self) -> frozenset[str]:
        """Slugs of the caller's roles."""
        if self._says("role", "roles"):
            return frozenset(self.session.roles)
        membership = await self.membership()
        return frozenset(membership.roles if membership else ())

    async def permissions(self) -> frozenset[str]:
        """Slugs of the permissions that the caller's roles carry."""
        if self._says("permissions"):
            return self.session.permissions
        organization = self.session.organization_id
        if organization is None:
            return frozenset()
        held: set[str] = set()
        for role in sorted(await self.roles()):
            carried: frozenset[str] = await self._kept(self._lookups.role_permissions, (organization, role))
            held |= carried
        return frozenset(held)

    async def flags(self, of: Literal["organization", "user"]) -> frozenset[str]:
        """Slugs of the feature flags that are on for the organisation, or for the user in any of theirs."""
        if self._says("feature_flags"):
            return self.session.feature_flags
        whose = self.session.user_id if of == "user" else self.session.organization_id
        if whose is None or (of == "user" and self.session.is_machine):
            return frozenset()
        return await self._kept(self._lookups.flags, (of, whose))

    async def membership(self) -> Membership | None:
        """The caller's active membership in the organisation of the login; machines have none."""
        session = self.session
        if session.organization_id is None or session.is_machine:
            return None
        stated = session.claims.get("organization_membership_id")
        if isinstance(stated, str) and stated and self._says("role", "roles"):
            return Membership(stated, session.roles)
        return await self._kept(self._lookups.memberships, (session.user_id, session.organization_id))

    async def may(self, permission: str, *, resource_type: str, external_id: str) -> bool:
        """Whether the caller has the permission on one resource of the organisation (WorkOS authorization check).

        WorkOS looks for the resource in the organisation of the membership, so never in another one.
        """
        membership = await self.membership()
        if membership is None:
            return False
        self._used("workos")
        ask = partial(
            self._lookups.may, membership.id, permission, resource_type=resource_type, external_id=external_id
        )
        return await self._answers.get(("may", membership.id, permission, resource_type, external_id), ask)

    def _says(self, *claims: str) -> bool:
        """Whether a JWT template answers it. Null and an empty string are no answer, an empty list is one.

        What is neither text nor a list of texts decides nothing either: WorkOS is asked.
        """
        if not any(_is_answer(self.session.claims.get(name)) for name in claims):
            return False
        self._used("token")
        return True

    def _used(self, source: Source) -> None:
        self.source = max(self.source, source, key=SOURCES.index)

    async def _kept(self, kept: Kept[tuple[str, str], Value], key: tuple[str, str]) -> Value:
        try:
            value, asked = await self._answers.get((id(kept), key), partial(kept.get, key))
        except Undecidable:
            self._used("workos")  # it was WorkOS's to say
            raise
        self._used("workos" if asked else "cache")
        return value


def _is_answer(claim: object) -> bool:
    # Lists of a verified token are tuples here, so that nobody changes them.
    is_list = isinstance(claim, list | tuple) and all(isinstance(each, str) for each in claim)
    return is_list or (isinstance(claim, str) and claim != "")


class _Once:
    """What was asked within one request, failures included: 60 tools that need the same answer ask for it once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[Hashable, Any] = {}
        self._failed: dict[Hashable, tuple[Undecidable, float]] = {}
        self._locks: dict[Hashable, asyncio.Lock] = {}

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[Value]]) -> Value:
        """Raises: Undecidable, if asking did now or in the last seconds: a long call may ask again."""
        if key not in self._known:
            async with self._locks.setdefault(key, asyncio.Lock()):
                await self._ask(key, ask)
        known: Value = self._known[key]
        return known

    async def _ask(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> None:
        before, failed_at = self._failed.get(key, (None, 0.0))
        if before is not None and 0 <= self._clock() - failed_at < QUIET:
            raise Undecidable(is_lasting=before.is_lasting)
        if key not in self._known:
            try:
                self._known[key] = await ask()
            except Undecidable as error:
                self._failed[key] = error, self._clock()
                raise


_current: Slot[Grants] = Slot("grants")


def bind_grants(grants: Grants) -> None:
    """Make `grants` those of the rest of this request's context."""
    _current.bind(grants)


def get_grants() -> Grants:
    """What the caller of the request that is being served holds.

    Raises:
        NoSession: outside a request.
    """
    try:
        return _current.get()
    except LookupError:
        raise NoSession("get_grants() needs a request: call it inside a tool while it serves a call") from None


CurrentGrants = Annotated[Grants, Depends(get_grants)]
"""A parameter of this type, of a tool or of a check's function, receives what the caller holds."""
