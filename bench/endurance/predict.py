"""From the table to one answer: what this caller is told, by this environment, now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bench.endurance.draw import Asked
from bench.endurance.expected import OK, TOOL_ERROR, Expected
from bench.endurance.refusals import REFUSED
from bench.endurance.requests import LISTED, Row
from bench.endurance.tokens import Caller
from bench.endurance.world import Environment, World


def predict(world: World, environment: Environment, asked: Asked, *, from_page: bool) -> tuple[Expected, bool]:
    """The answer, and whether the token is accepted. The order is that of the design: origin, token, request."""
    if from_page and not environment.is_strict:
        return REFUSED["origin"], False

    def by_key(key_id: str) -> str | None:
        return environment.keys.refusal(key_id, world.listed, world.now)

    reason = asked.caller.refusal(world.now, is_strict=environment.is_strict, by_key=by_key)
    if reason is not None:
        return REFUSED[reason], False
    expected = asked.expected or _answer(world, environment, asked)
    if asked.caller.kind.name == "a person with the audience of before":
        expected = replace(expected, logs=("legacy audience accepted", *expected.logs))
    return expected, True


def _answer(world: World, environment: Environment, asked: Asked) -> Expected:
    row, caller = asked.row, asked.caller
    expected = row.modern if asked.modern else row.before
    if not isinstance(row, Row) or row.needs == "anyone":
        return expected
    if caller.is_machine is not (row.needs == "machine"):
        return _hidden("wrong_caller", modern=asked.modern)
    if row.needs == "scope" and "reports:write" not in caller.claims["scope"]:
        return REFUSED["missing_scope"]
    if row.needs == "permission" and (held := _permission(world, environment, caller)) != "granted":
        if held == "undecidable":
            return Expected(200, TOOL_ERROR, "undecidable")
        return _hidden("missing_permission", modern=asked.modern)
    return expected


def _hidden(reason: str, *, modern: bool) -> Expected:
    """As a tool that does not exist is answered; the record has the reason."""
    return Expected(400 if modern else 200, -32602, reason)


@dataclass(frozen=True, slots=True)
class Shown:
    """What tools/list shows, and whether it says that nobody may keep it."""

    names: frozenset[str]
    must_not_be_kept: bool
    """While WorkOS cannot be asked, or with a token that is past its end and within the leeway."""

    def compared(self, result: Mapping[str, Any], *, modern: bool) -> str | None:
        names = {tool["name"] for tool in result["tools"]}
        if names != self.names:
            return f"lists {sorted(names ^ self.names)} wrongly"
        if modern and (result["ttlMs"] == 0) is not self.must_not_be_kept:
            return f"holds for {result['ttlMs']} ms"
        return None


def shown(world: World, environment: Environment, asked: Asked, expected: Expected) -> Shown | None:
    """What a list of tools shows; None for any other answer. To make a list, the server asks WorkOS as well."""
    row = asked.row
    if not isinstance(row, Row) or row.method != "tools/list" or not (expected.says == OK or row.is_listed_first):
        return None
    is_over = asked.caller.claims["exp"] - world.now < 0.001  # a ttlMs has whole milliseconds
    if asked.caller.is_machine:
        found = Shown(LISTED | {"by_machine"}, is_over)
    else:
        held = _permission(world, environment, asked.caller)
        names = LISTED | {"by_person", "by_scope"} | ({"by_permission"} if held == "granted" else set())
        found = Shown(names, is_over or held == "undecidable")
    return found if expected.says == OK else None


def _permission(world: World, environment: Environment, caller: Caller) -> str:
    if "permissions" in caller.claims:
        return "granted" if "reports:write" in caller.claims["permissions"] else "denied"
    return environment.grants.holds("reports:write", caller.user, caller.organization, world.now)
