"""The guard in front of everything that is offered: what a caller sees, and what one hears who may not."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from typing import Any

from app.access.cache import CACHE_SECONDS, Undecidable
from app.access.decision import Decision, Outcome, RunCheck, decide, explain_denial
from app.access.declaration import Access
from app.access.grants import Grants, get_grants
from app.access.requirements import AllOf, Check
from app.audit.record import get_record
from app.auth.refusals import ScopeMissing
from app.protocol.catalogue.injection import InjectionPlan
from app.protocol.serving.guard import LIST_TTL_MS, Denied, Guarded, Visible
from app.workos.client import NoAnswerForCaller

_SHOWN = (Outcome.GRANTED, Outcome.DEPENDS, Outcome.STEP_UP)
"""A step-up is for the client to make, so it has to see what for."""


class Admission:
    """Decides by the grants of the caller that is being served; keeps nothing of any of them."""

    def __init__(self, required_scopes: tuple[str, ...], clock: Callable[[], float]) -> None:
        self._required_scopes = required_scopes
        self._clock = clock

    async def visible(self, accesses: Sequence[Access]) -> Visible:
        """Of which of them the caller is shown what is offered, and how long that holds."""
        grants = get_grants()
        outcomes = [(await decide(each.requires, grants)).outcome for each in accesses]
        shown = tuple(
            outcome in _SHOWN or each.discoverable for each, outcome in zip(accesses, outcomes, strict=True)
        )
        return Visible(shown, self._ttl_ms(grants, Outcome.UNDECIDABLE in outcomes))

    async def admit(self, offered: Guarded) -> Denied | None:
        """None lets the caller in.

        Raises:
            ScopeMissing: the client can have its user grant what is missing.
        """
        return await self._decide(offered, None)

    async def check(self, offered: Guarded, arguments: Mapping[str, Any]) -> Denied | None:
        """As `admit`, with the arguments known. The caller has seen the thing: its existence is no secret."""

        async def ask(asked: Check) -> bool:
            return await _answer(asked, arguments)

        denied = await self._decide(offered, ask)
        return Denied(hidden=False, text=denied.text) if denied else None

    async def _decide(self, offered: Guarded, ask: RunCheck | None) -> Denied | None:
        grants = get_grants()
        decision = await decide(offered.access.requires, grants, ask)
        get_record().set_decision_source(grants.source)
        if decision.outcome <= Outcome.DEPENDS:
            return None
        return self._refuse(decision, offered.access)

    def _refuse(self, decision: Decision, access: Access) -> Denied:
        if decision.outcome is Outcome.STEP_UP:
            scopes = tuple(dict.fromkeys([*self._required_scopes, *decision.scopes]))
            raise ScopeMissing(scopes, get_grants().session)
        if decision.outcome is Outcome.UNDECIDABLE:
            # Not "no such thing": the caller may be allowed.
            get_record().mark_denied("undecidable")
            return Denied(hidden=False, text=str(Undecidable(is_lasting=decision.is_lasting)))
        hidden = not access.discoverable
        get_record().mark_denied(decision.missing[0].reason, hidden=hidden, needs=AllOf(decision.missing).needs)
        return Denied(hidden=hidden, text=explain_denial(decision.missing))

    def _ttl_ms(self, grants: Grants, is_undecided: bool) -> int:
        if is_undecided:
            return 0
        left = max(0.0, grants.session.expires_at - self._clock())
        looked_up = grants.source in ("workos", "cache")
        return int(min(LIST_TTL_MS, CACHE_SECONDS * 1000 if looked_up else LIST_TTL_MS, left * 1000))


async def _answer(asked: Check, arguments: Mapping[str, Any]) -> bool:
    plan = _plan(asked.function)
    taken = inspect.signature(asked.function).parameters.keys() - plan.injected.keys()
    named = {name: arguments[name] for name in taken}
    try:
        # True alone lets anybody in: a function that returns what it found must not.
        return await asked.function(**named, **await plan.values({})) is True
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # of any kind: who is not let in by a yes is denied
        get_record().mark_denied("undecidable" if isinstance(error, NoAnswerForCaller) else asked.reason)
        raise


@cache
def _plan(function: Callable[..., Awaitable[bool]]) -> InjectionPlan:
    return InjectionPlan.for_function(function)
