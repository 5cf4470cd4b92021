"""Whether a caller meets a requirement, and the text for a caller who does not."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from app.access.cache import Undecidable
from app.access.grants import Grants
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
from app.auth.session import CallerKind, Session


class Outcome(IntEnum):
    """The result, lowest first: if several requirements must hold, the highest result decides."""

    GRANTED = 0
    DEPENDS = 1
    """A check decides once the arguments of the call are known."""
    STEP_UP = 2
    """Scopes are missing, which the client can ask its user for."""
    UNDECIDABLE = 3
    """WorkOS would have to answer, and cannot."""
    DENIED = 4
    """The caller may not, and another login would not help."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The result, and what an answer to the caller needs."""

    outcome: Outcome
    missing: tuple[Requirement, ...] = ()
    """What the caller lacks, if the outcome is DENIED."""
    scopes: tuple[str, ...] = ()
    """Every scope that the operation needs, also those that the token has: a step-up must ask for all of them."""
    is_lasting: bool = False
    """If the outcome is UNDECIDABLE: whether WorkOS would refuse the same question again."""


RunCheck: TypeAlias = Callable[[Check], Awaitable[bool]]
"""Runs a check with the arguments of the call."""
_DEPENDS = Decision(Outcome.DEPENDS)
_ADVICE_FOR_KEYS = "An API key has the permissions that were chosen for it, no role and no scope: try another key."
_COST_OF_CHECK = 2


async def decide(requirement: Requirement, grants: Grants, run_check: RunCheck | None = None) -> Decision:
    """Decide whether the caller meets the requirement. Without `run_check` the arguments are not known yet."""
    if isinstance(requirement, AllOf):
        return await _decide_all(requirement, grants, run_check)
    if isinstance(requirement, AnyOf):
        return await _decide_any(requirement, grants, run_check)
    if isinstance(requirement, Check) and run_check is None:
        return _DEPENDS
    return await _decide_one(requirement, grants, run_check)


def explain_denial(missing: tuple[Requirement, ...], kind: CallerKind = "user") -> str:
    """Return the text for a caller of this kind who may not: what is missing, and who can grant it.

    It never advises another login, which would not help.
    """
    lack = AllOf(missing)
    # The permissions of a key are chosen when it is made, and no role adds to them.
    advice = _ADVICE_FOR_KEYS if kind == "api_key" else lack.granted_by
    return f"You may not use this: you need {lack.needs}. {advice}".rstrip()


async def _decide_one(requirement: Requirement, grants: Grants, run_check: RunCheck | None) -> Decision:
    try:
        holds = await _holds(requirement, grants, run_check)
    except Undecidable as error:
        return Decision(Outcome.UNDECIDABLE, is_lasting=error.is_lasting)
    scopes = (requirement.name,) if isinstance(requirement, Scope) else ()
    if holds:
        return Decision(Outcome.GRANTED, scopes=scopes)
    # Nobody grants a scope to an API key, so there is nothing to step up to.
    can_step_up = scopes and grants.session.kind != "api_key"
    return Decision(Outcome.STEP_UP if can_step_up else Outcome.DENIED, (requirement,), scopes)


async def _decide_all(requirement: AllOf, grants: Grants, run_check: RunCheck | None) -> Decision:
    decisions: list[Decision] = []
    cost = 0
    for part in sorted(requirement.parts, key=_cost):
        if (_cost(part) > cost or cost == _COST_OF_CHECK) and _is_settled(decisions, _cost(part)):
            break
        cost = _cost(part)
        decisions.append(await decide(part, grants, run_check))
    outcome = max(decision.outcome for decision in decisions)
    missing = [each for decision in decisions if decision.outcome is Outcome.DENIED for each in decision.missing]
    scopes = [name for decision in decisions for name in decision.scopes]
    is_lasting = any(decision.is_lasting for decision in decisions)
    return Decision(outcome, tuple(missing), tuple(dict.fromkeys(scopes)), is_lasting=is_lasting)


def _is_settled(decisions: list[Decision], cost: int) -> bool:
    """Return whether the more expensive parts need not be decided, because the caller cannot pass any more.

    Missing scopes alone do not settle it: if a role or permission is missing too, a step-up would not help.
    """
    outcome = max((decision.outcome for decision in decisions), default=Outcome.GRANTED)
    return outcome is Outcome.DENIED or (cost == _COST_OF_CHECK and outcome > Outcome.DEPENDS)


async def _decide_any(requirement: AnyOf, grants: Grants, run_check: RunCheck | None) -> Decision:
    decisions: list[Decision] = []
    for part in sorted(requirement.parts, key=_cost):
        decisions.append(await decide(part, grants, run_check))
        if decisions[-1].outcome is Outcome.GRANTED:
            return decisions[-1]
    by_outcome = {decision.outcome: decision for decision in reversed(decisions)}
    # An alternative that may still be granted comes first: the user should not grant scopes without need.
    for outcome in (Outcome.DEPENDS, Outcome.UNDECIDABLE, Outcome.STEP_UP):
        if outcome in by_outcome:
            return by_outcome[outcome]
    return Decision(Outcome.DENIED, _list_missing(decisions))


def _list_missing(decisions: list[Decision]) -> tuple[Requirement, ...]:
    """Return what would help, of the alternatives; those for the other kind of caller would not."""
    missing = [decision.missing for decision in decisions]
    within_reach = [each for each in missing if not any(isinstance(part, Caller) for part in each)] or missing
    if len(within_reach) == 1:
        return within_reach[0]
    return (AnyOf(tuple(each[0] if len(each) == 1 else AllOf(each) for each in within_reach)),)


async def _holds(requirement: Requirement, grants: Grants, run_check: RunCheck | None) -> bool:
    if isinstance(requirement, Role):
        return requirement.slug in await grants.roles()
    if isinstance(requirement, Permission):
        return requirement.slug in await grants.permissions()
    if isinstance(requirement, Flag):
        return requirement.slug in await grants.flags(requirement.of)
    if isinstance(requirement, Check):
        return run_check is not None and await run_check(requirement)
    return _is_in_token(grants.session, requirement)


def _is_in_token(session: Session, requirement: Requirement) -> bool:
    """Return whether the token itself meets the requirement."""
    if isinstance(requirement, Scope):
        return requirement.name in session.scopes
    if isinstance(requirement, Caller):
        return session.is_person if requirement.kind == "user" else session.kind == requirement.kind
    return session.organization_id is not None


def _cost(requirement: Requirement) -> int:
    """Return 0 if the token answers, 1 if WorkOS may have to, 2 if the author's check does."""
    if isinstance(requirement, AllOf | AnyOf):
        return max(_cost(part) for part in requirement.parts)
    if isinstance(requirement, Check):
        return _COST_OF_CHECK
    return 0 if isinstance(requirement, Caller | Organization | Scope) else 1
