"""The guard before everything that is offered: who sees it in a list, who may use it, and what others are told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from mcp_types import INTERNAL_ERROR, INVALID_PARAMS

from app.access.cache import CACHE_SECONDS, Undecidable
from app.access.decision import Decision, Outcome, RunCheck, decide, explain_denial
from app.access.declaration import Access
from app.access.grants import Grants, get_grants
from app.access.requirements import AllOf
from app.audit.arguments import summarize_arguments
from app.audit.record import get_record
from app.auth.refusals import ScopeMissing
from app.auth.session import get_session
from app.protocol.catalogue.definition import Definition
from app.protocol.wire.errors import CallFailed, NotOffered
from app.protocol.wire.reply import add_reply_fields

if TYPE_CHECKING:
    from app.access.quota import Quota

MAX_LIST_AGE_MS = 300_000
"""Milliseconds for which a client may keep a list that depends on no caller: only a deployment changes it."""

_SHOWN = (Outcome.GRANTED, Outcome.DEPENDS, Outcome.STEP_UP)
"""Outcomes with which a list shows a thing. A client must see what it could ask its user to grant scopes for."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """What one caller sees in a list."""

    shown: tuple[bool, ...]
    """In the order of the accesses that were decided."""
    max_age_ms: int
    """Milliseconds for which a client may keep the list."""


@dataclass(frozen=True, slots=True)
class Denial:
    """Why a caller may not use a thing."""

    is_hidden: bool
    """Whether the answer must be the one for something that does not exist."""
    text: str
    """For the caller, if it is not hidden."""
    code: int = INVALID_PARAMS

    def build_error(self) -> Exception:
        return NotOffered() if self.is_hidden else CallFailed(self.code, self.text)


class Guard:
    """Decides by the grants of the caller of this exchange, and stores nothing of any caller."""

    def __init__(self, required_scopes: tuple[str, ...], clock: Callable[[], float]) -> None:
        """`required_scopes` are those that every caller needs; `clock` gives wall time in seconds."""
        self._required_scopes = required_scopes
        self._clock = clock

    async def find_visible(self, accesses: Sequence[Access]) -> Visibility:
        """Which of the things with these accesses the caller's lists show."""
        grants = get_grants()
        outcomes = [(await decide(each.requires, grants)).outcome for each in accesses]
        shown = tuple(
            outcome in _SHOWN or each.discoverable for each, outcome in zip(accesses, outcomes, strict=True)
        )
        return Visibility(shown, self._max_age_ms(grants, Outcome.UNDECIDABLE in outcomes))

    async def decide_use(self, definition: Definition[Any]) -> Denial | None:
        """Decide before a call, a get, a read or a completion; None lets the caller in.

        Raises:
            ScopeMissing: the client can have its user grant the scopes, so it gets an HTTP 403.
        """
        return await self._decide(definition, None)

    async def decide_arguments(self, definition: Definition[Any], run_check: RunCheck) -> Denial | None:
        """Decide again once the arguments are valid, for what has checks, which `run_check` runs with them.

        The caller was let in, so nothing is hidden now.

        Raises:
            ScopeMissing: as `decide_use`.
        """
        denial = await self._decide(definition, run_check)
        return replace(denial, is_hidden=False) if denial else None

    async def _decide(self, definition: Definition[Any], run_check: RunCheck | None) -> Denial | None:
        grants = get_grants()
        decision = await decide(definition.metadata.access.requires, grants, run_check)
        get_record().set_decision_source(grants.source)
        if decision.outcome <= Outcome.DEPENDS:
            return None
        return self._deny(decision, definition.metadata.access)

    def _deny(self, decision: Decision, access: Access) -> Denial:
        if decision.outcome is Outcome.STEP_UP:
            scopes = tuple(dict.fromkeys([*self._required_scopes, *decision.scopes]))
            raise ScopeMissing(scopes, get_grants().session)
        if decision.outcome is Outcome.UNDECIDABLE:
            # Not hidden: the caller may well be allowed.
            get_record().mark_denied("undecidable")
            text = str(Undecidable(is_lasting=decision.is_lasting))
            # Not INVALID_PARAMS, with which tasks/get says that there is no such task (SEP-2663, Protocol Errors).
            return Denial(is_hidden=False, text=text, code=INTERNAL_ERROR)
        hidden = not access.discoverable
        get_record().mark_denied(decision.missing[0].reason, hidden=hidden, needs=AllOf(decision.missing).needs)
        return Denial(is_hidden=hidden, text=explain_denial(decision.missing, get_session().kind))

    def _max_age_ms(self, grants: Grants, is_undecided: bool) -> int:
        if is_undecided:
            return 0
        login_ms = max(0.0, grants.session.expires_at - self._clock()) * 1000
        grants_ms = CACHE_SECONDS * 1000 if grants.source in ("workos", "cache") else MAX_LIST_AGE_MS
        return int(min(MAX_LIST_AGE_MS, grants_ms, login_ms))


@dataclass(frozen=True, slots=True)
class KindGuard:
    """The guard of everything of one kind, such as all tools."""

    guard: Guard
    quota: "Quota | None" = None
    """Counts tool calls."""
    accesses: Sequence[Access] = ()
    """Of everything of the kind. Things with the same rule share one access, which is here once."""

    def for_definitions(self, definitions: Sequence[Definition[Any]]) -> "KindGuard":
        """The same guard for a kind that has these definitions."""
        # declare() returns one shared Access per rule.
        accesses = [each.metadata.access for each in definitions]
        return replace(self, accesses=tuple({id(each): each for each in accesses}.values()))

    async def admit(self, definition: Definition[Any]) -> None:
        """Let the caller use a thing.

        A hidden thing takes the same work as an unknown one: for both, WorkOS is asked all that a list would ask,
        so that no wait for WorkOS tells them apart (docs/decisions/0024-one-caller-harms-no-other.md).

        Raises:
            NotOffered: it does not exist for this caller.
            CallFailed: the caller may not use it, and may know why.
            ScopeMissing: the client has to ask its user for more scopes.
        """
        denial = await self.guard.decide_use(definition)
        if denial is None:
            return
        if denial.is_hidden:
            own = definition.metadata.access
            await self.guard.find_visible([each for each in self.accesses if each is not own])
        raise denial.build_error()

    async def refuse_unknown(self, arguments: Mapping[str, Any] = MappingProxyType({})) -> NoReturn:
        """Raises: NotOffered, after the work that a hidden thing takes."""
        # Nobody knows its parameters, so the record counts the arguments and repeats no name.
        get_record().set_arguments(summarize_arguments(arguments, ()))
        await self.guard.find_visible(self.accesses)
        raise NotOffered

    async def charge(self) -> None:
        """Count one tool call of this caller.

        Raises:
            CallFailed: the caller or the organisation has no call left.
        """
        if self.quota is None:
            return
        if (exceeded := await self.quota.take(get_session())) is not None:
            get_record().mark_denied(exceeded.reason)
            add_reply_fields(exceeded.headers)
            raise CallFailed(INTERNAL_ERROR, exceeded.text)
