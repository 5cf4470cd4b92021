"""Run steps: each says what it would change, and with `apply` the changes are made in that order.

A dry run and a real one walk the same plan, so what the first says is what the second does.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from infra.operator.finding import Finding, changed, failed, passed, skipped
from infra.operator.workos_api import ApiRefused, WorkOSApi

_CONFLICTS = (409, 422)
"""How WorkOS answers that something exists already; a 422 may have other reasons."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that WorkOS lacks, and the request that adds it."""

    what: str
    """Begins with a plus sign: nothing that exists is altered."""
    make: Callable[[], Awaitable[object]]
    """If it returns a text, the report has it too."""


Item = Finding | Change


class Step(Protocol):
    @property
    def name(self) -> str: ...

    async def plan(self, api: WorkOSApi) -> Sequence[Item]:
        """Read what is there, and say what is right, what would change, and what a person has to do.

        Raises:
            ApiRefused: if WorkOS refuses or does not answer.
        """
        ...


async def run_steps(api: WorkOSApi, steps: Sequence[Step], *, apply: bool) -> list[Finding]:
    """Run all steps. One that fails does not keep the others from running, unless they would fail as well."""
    found: list[Finding] = []
    stopped = ""
    for step in steps:
        if stopped:
            found.append(skipped(step.name, f"not checked: {stopped}"))
            continue
        findings, stopped = await _run_step(api, step, apply=apply)
        found += findings
    return found


async def _run_step(api: WorkOSApi, step: Step, *, apply: bool) -> tuple[list[Finding], str]:
    """Return the findings, and why no further request makes sense, if that is so."""
    try:
        items = await step.plan(api)
    except ApiRefused as refused:
        return [failed(step.name, f"not looked up: {refused}", refused.fix)], _stops(refused)
    found: list[Finding] = []
    for place, item in enumerate(items):
        if isinstance(item, Finding):
            found.append(item)
            continue
        try:
            result = await item.make() if apply else None
            more = f": {result}" if isinstance(result, str) else ""
            found.append(changed(step.name, f"{item.what}{more}"))
        except ApiRefused as refused:
            found.append(await _explain(api, step, item, refused))
            if refused.is_temporary:
                return found + _list_untried(step, items[place + 1 :]), _stops(refused)
    return found, ""


def _stops(refused: ApiRefused) -> str:
    return str(refused) if refused.is_about_all else ""


async def _explain(api: WorkOSApi, step: Step, change: Change, refused: ApiRefused) -> Finding:
    """Say why a change was not made. If somebody else made it at the same time, nothing is wrong."""
    if refused.status in _CONFLICTS:
        try:
            again = await step.plan(api)
        except ApiRefused:
            again = [change]
        if change.what not in [each.what for each in again if isinstance(each, Change)]:
            return passed(step.name, f"= {change.what[2:]}: somebody else did it at the same time")
    return failed(step.name, f"not done: {change.what}: {refused}", refused.fix)


def _list_untried(step: Step, items: Sequence[Item]) -> list[Finding]:
    untried = [each.what for each in items if isinstance(each, Change)]
    rest = [each for each in items if isinstance(each, Finding)]
    if untried:
        rest.append(skipped(step.name, f"not tried: {'; '.join(untried)}. The same command does it later"))
    return rest
