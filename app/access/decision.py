"""Whether a caller meets a requirement: five answers, because "no" has three causes and arguments come late."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from app.access.grants import Grants
from app.access.kept import Undecidable
from app.access.requirements import (
    AllOf,
    AnyOf,
    Caller,
    Check,
    Flag,
    Organization,
    Permission,
    Requirement,
    Role,
    Scope,
)
from app.auth.session import Session


class Outcome(IntEnum):
    """In the order in which one of several that must all hold decides."""

    GRANTED = 0
    DEPENDS = 1
    """On the arguments of the call."""
    STEP_UP = 2
    """The client can have its user grant the scopes that are missing."""
    UNDECIDABLE = 3
    """WorkOS cannot be asked now."""
    DENIED = 4
    """Another login would not help."""


@dataclass(frozen=True, slots=True)
class Decision:
    outcome: Outcome
    missing: tuple[Requirement, ...] = ()
    """What the caller lacks, for a denial."""
    scopes: tuple[str, ...] = ()
    """What a step-up must ask for: every scope that the operation needs, those that are there included."""
    is_lasting: bool = False
    """Where it is undecidable: whether it stays so, because WorkOS refuses the question."""


Ask: TypeAlias = Callable[[Check], Awaitable[bool]]
_GRANTED = Decision(Outcome.GRANTED)
_DEPENDS = Decision(Outcome.DEPENDS)
_CHECK = 2


async def decide(requirement: Requirement, grants: Grants, ask: Ask | None = None) -> Decision:
    """The decision; `ask` answers what depends on the arguments, which are not known without it."""
    if isinstance(requirement, AllOf):
        return await _all(requirement, grants, ask)
    if isinstance(requirement, AnyOf):
        return await _any(requirement, grants, ask)
    if isinstance(requirement, Check) and ask is None:
        return _DEPENDS
    return await _one(requirement, grants, ask)


async def _one(requirement: Requirement, grants: Grants, ask: Ask | None) -> Decision:
    try:
        holds = await _holds(requirement, grants, ask)
    except Undecidable as error:
        return Decision(Outcome.UNDECIDABLE, is_lasting=error.is_lasting)
    scopes = (requirement.name,) if isinstance(requirement, Scope) else ()
    if holds:
        return Decision(Outcome.GRANTED, scopes=scopes)
    return Decision(Outcome.STEP_UP if scopes else Outcome.DENIED, (requirement,), scopes)


async def _all(requirement: AllOf, grants: Grants, ask: Ask | None) -> Decision:
    decisions: list[Decision] = []
    cost = 0
    for part in sorted(requirement.parts, key=_cost):
        if (_cost(part) > cost or cost == _CHECK) and _is_settled(decisions, _cost(part)):
            break
        cost = _cost(part)
        decisions.append(await decide(part, grants, ask))
    outcome = max(decision.outcome for decision in decisions)
    missing = [each for decision in decisions if decision.outcome is Outcome.DENIED for each in decision.missing]
    scopes = [name for decision in decisions for name in decision.scopes]
    is_lasting = any(decision.is_lasting for decision in decisions)
    return Decision(outcome, tuple(missing), tuple(dict.fromkeys(scopes)), is_lasting=is_lasting)


def _is_settled(decisions: list[Decision], cost: int) -> bool:
    """Whether the dearer parts can be left out: WorkOS is asked about, and an author's function is run for,
    only those who can still pass. Scopes that are missing do not hide that another login would not help."""
    outcome = max((decision.outcome for decision in decisions), default=Outcome.GRANTED)
    return outcome is Outcome.DENIED or (cost == _CHECK and outcome > Outcome.DEPENDS)


async def _any(requirement: AnyOf, grants: Grants, ask: Ask | None) -> Decision:
    decisions: list[Decision] = []
    for part in sorted(requirement.parts, key=_cost):
        decisions.append(await decide(part, grants, ask))
        if decisions[-1].outcome is Outcome.GRANTED:
            return decisions[-1]
    by_outcome = {decision.outcome: decision for decision in reversed(decisions)}
    # An answer that may still come goes before asking the user for more than may be needed.
    for outcome in (Outcome.DEPENDS, Outcome.UNDECIDABLE, Outcome.STEP_UP):
        if outcome in by_outcome:
            return by_outcome[outcome]
    return Decision(Outcome.DENIED, _lacking(decisions))


def _lacking(decisions: list[Decision]) -> tuple[Requirement, ...]:
    """What would do, of alternatives: those for the other kind of caller are no advice."""
    lacks = [decision.missing for decision in decisions]
    within_reach = [each for each in lacks if not any(isinstance(part, Caller) for part in each)] or lacks
    if len(within_reach) == 1:
        return within_reach[0]
    return (AnyOf(tuple(each[0] if len(each) == 1 else AllOf(each) for each in within_reach)),)


async def _holds(requirement: Requirement, grants: Grants, ask: Ask | None) -> bool:
    if isinstance(requirement, Role):
        return requirement.slug in await grants.roles()
    if isinstance(requirement, Permission):
        return requirement.slug in await grants.permissions()
    if isinstance(requirement, Flag):
        return requirement.slug in await grants.flags(requirement.of)
    if isinstance(requirement, Check):
        return ask is not None and await ask(requirement)
    return _says(grants.session, requirement)


def _says(session: Session, requirement: Requirement) -> bool:
    """What every token says."""
    if isinstance(requirement, Scope):
        return requirement.name in session.scopes
    if isinstance(requirement, Caller):
        return session.is_machine is (requirement.kind == "machine")
    return session.organization_id is not None


def _cost(requirement: Requirement) -> int:
    """What the token alone answers comes first, what the author's function answers last."""
    if isinstance(requirement, AllOf | AnyOf):
        return max(_cost(part) for part in requirement.parts)
    if isinstance(requirement, Check):
        return _CHECK
    return 0 if isinstance(requirement, Caller | Organization | Scope) else 1
