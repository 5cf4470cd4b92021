"""Roles, permissions and flags of one caller: from the token if it has them, else from WorkOS."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from fastapi import Depends

from app.access.cache import MinuteCache, Undecidable
from app.access.lookups import FAILURE_PAUSE_SECONDS, Lookups, Membership
from app.auth.session import NoSession, Session
from app.current import Slot, on_loop

Value = TypeVar("Value")

Source: TypeAlias = Literal["none", "token", "cache", "workos"]
SOURCES: tuple[Source, ...] = ("none", "token", "cache", "workos")
"""Where an answer can come from, the nearest first."""


class Grants:
    """What the caller holds in the organisation of the login. WorkOS is asked only for what is needed.

    Every method raises Undecidable if WorkOS would have to answer and cannot: nothing is then granted.
    """

    def __init__(self, session: Session, lookups: Lookups) -> None:
        self.session = session
        self.source: Source = "none"
        """The farthest source so far: the token or API key, this environment's cache, or WorkOS just now."""
        self._lookups = lookups
        self._answers = _RequestCache(lookups.clock)

    async def roles(self) -> frozenset[str]:
        """Return the slugs of the caller's roles; an API key has none, whoever owns it."""
        if self._is_stated("role", "roles"):
            return frozenset(self.session.roles)
        membership = await self.membership()
        return frozenset(membership.roles if membership else ())

    async def permissions(self) -> frozenset[str]:
        """Return the slugs of the permissions that the caller's roles carry, or that the API key has."""
        if self.session.kind == "api_key":
            self._note_source("token")
            return self.session.permissions
        if self._is_stated("permissions"):
            return self.session.permissions
        organization = self.session.organization_id
        if organization is None:
            return frozenset()
        held: set[str] = set()
        for role in sorted(await self.roles()):
            carried: frozenset[str] = await self._get_cached(self._lookups.role_permissions, (organization, role))
            held |= carried
        return frozenset(held)

    async def flags(self, of: Literal["organization", "user"]) -> frozenset[str]:
        """Return the slugs of the flags that are on for the organisation, or for the user in any organisation."""
        if self._is_stated("feature_flags"):
            return self.session.feature_flags
        subject = self.session.user_id if of == "user" else self.session.organization_id
        if subject is None or (of == "user" and not self.session.is_person):
            return frozenset()
        return await self._get_cached(self._lookups.flags, (of, subject))

    async def membership(self) -> Membership | None:
        """Return the caller's active membership in the organisation of the login.

        A machine never has one. Nor does an API key: it may do what its own permissions say, and a membership
        would lend it those of its owner.
        """
        session = self.session
        if session.organization_id is None or session.kind != "user":
            return None
        stated = session.claims.get("organization_membership_id")
        if isinstance(stated, str) and stated and self._is_stated("role", "roles"):
            return Membership(stated, session.roles)
        return await self._get_cached(self._lookups.memberships, (session.user_id, session.organization_id))

    async def may(self, permission: str, *, resource_type: str, external_id: str) -> bool:
        """Return whether the caller has the permission on one resource (WorkOS authorization check).

        WorkOS looks for the resource only in the organisation of the membership.
        """
        membership = await self.membership()
        if membership is None:
            return False
        self._note_source("workos")
        ask = partial(
            self._lookups.may, membership.id, permission, resource_type=resource_type, external_id=external_id
        )
        return await self._answers.get(("may", membership.id, permission, resource_type, external_id), ask)

    def _is_stated(self, *claims: str) -> bool:
        """Return whether the token answers with one of these claims, which a JWT template adds.

        An empty list is an answer. Null, an empty string and values of another type are not: WorkOS is asked.
        """
        if not any(_is_answer(self.session.claims.get(name)) for name in claims):
            return False
        self._note_source("token")
        return True

    def _note_source(self, source: Source) -> None:
        self.source = max(self.source, source, key=SOURCES.index)

    async def _get_cached(self, cache: MinuteCache[tuple[str, str], Value], key: tuple[str, str]) -> Value:
        try:
            value, is_new = await self._answers.get((id(cache), key), partial(cache.get, key))
        except Undecidable:
            self._note_source("workos")  # the answer was up to WorkOS
            raise
        self._note_source("workos" if is_new else "cache")
        return value


def _is_answer(claim: object) -> bool:
    # The lists of a Session's claims are tuples (app/auth/claims.py).
    is_list = isinstance(claim, list | tuple) and all(isinstance(each, str) for each in claim)
    return is_list or (isinstance(claim, str) and claim != "")


class _RequestCache:
    """Answers and failures within one request: a list of 60 tools that need the same answer asks for it once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[Hashable, Any] = {}
        self._failed: dict[Hashable, tuple[Undecidable, float]] = {}
        self._locks: dict[Hashable, asyncio.Lock] = {}

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[Value]]) -> Value:
        """Return the known answer, or ask for it.

        Raises:
            Undecidable: asking failed now or in the last seconds. A long call may ask again after them.
        """
        if key not in self._known:
            async with self._locks.setdefault(key, asyncio.Lock()):
                await self._ask(key, ask)
        known: Value = self._known[key]
        return known

    async def _ask(self, key: Hashable, ask: Callable[[], Awaitable[Any]]) -> None:
        before, failed_at = self._failed.get(key, (None, 0.0))
        if before is not None and 0 <= self._clock() - failed_at < FAILURE_PAUSE_SECONDS:
            raise Undecidable(is_lasting=before.is_lasting)
        if key not in self._known:
            try:
                self._known[key] = await ask()
            except Undecidable as error:
                self._failed[key] = error, self._clock()
                raise


current_grants: Slot[Grants] = Slot("grants")


@on_loop
def get_grants() -> Grants:
    """Return what the caller of the request that runs now holds.

    Raises:
        NoSession: outside a request.
    """
    try:
        return current_grants.get()
    except LookupError:
        raise NoSession("get_grants() needs a request: call it inside a tool while it serves a call") from None


CurrentGrants = Annotated[Grants, Depends(get_grants)]
"""A parameter of this type receives what the caller holds, in a tool or in a check's function."""
