"""From a decorator's `requires=` to one rule. Only people may call, unless it names another kind of caller."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, TypeAlias

from app.access.requirements import (
    AllOf,
    AnyOf,
    Caller,
    Check,
    DeclarationError,
    Flag,
    Permission,
    Requirement,
    Role,
    Scope,
    all_of,
)
from app.auth.session import CallerKind

Declared: TypeAlias = Requirement | Sequence[Requirement] | None
"""One requirement, several that must all hold, or None: any person may call."""
_Kind: TypeAlias = Literal["user", "machine", "user_key", "organization_key"]
_ALL_KINDS: tuple[_Kind, ...] = ("user", "machine", "user_key", "organization_key")
_KINDS_BY_CALLER: dict[CallerKind, tuple[_Kind, ...]] = {
    "user": ("user", "user_key"),
    "machine": ("machine",),
    "api_key": ("user_key", "organization_key"),
}
_KINDS_BY_REQUIREMENT: dict[type, tuple[_Kind, ...]] = {
    Role: ("user",),
    Permission: ("user", "user_key", "organization_key"),
    Scope: ("user", "machine"),
}


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use one tool, prompt or resource."""

    requires: Requirement
    discoverable: bool = False
    """Whether callers who may not use it see it in lists, and read why they may not."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """All scopes that are named in any part of the rule."""
        return tuple(dict.fromkeys(part.name for part in list_leaves(self.requires) if isinstance(part, Scope)))

    @property
    def checks(self) -> tuple[Check, ...]:
        """All checks: they can be run only when the arguments are known."""
        return tuple(part for part in list_leaves(self.requires) if isinstance(part, Check))


def declare(requires: Declared = None, *, discoverable: Any = False) -> Access:
    """Turn a decorator's arguments into a rule.

    Raises:
        DeclarationError: one of them is not a requirement, or nobody could ever meet it.
    """
    if not isinstance(discoverable, bool):
        raise DeclarationError(f"discoverable is True or False, not {discoverable!r}")
    requirement = _open_to_people_only(_combine(requires))
    for alternative in _list_alternatives(requirement):
        if not any(_is_possible(alternative, kind) for kind in _ALL_KINDS):
            raise DeclarationError(
                f"nobody can meet this: {alternative.needs}. A machine application has no role, permission "
                "or flag of its own, and an API key no role and no scope; write "
                "any_of(machine(), permission(...)) if both may call"
            )
    return _shared(requirement, discoverable)


@cache
def _shared(requirement: Requirement, discoverable: bool) -> Access:
    """Return one shared Access per rule, so that each rule is decided once per list, not once per tool."""
    return Access(requirement, discoverable)


def list_leaves(requirement: Requirement) -> Iterator[Requirement]:
    """Yield the single requirements that the rule consists of."""
    if isinstance(requirement, AllOf | AnyOf):
        for part in requirement.parts:
            yield from list_leaves(part)
    else:
        yield requirement


def _combine(requires: Any) -> Requirement:
    if requires is None:
        return Caller("user")
    if isinstance(requires, Requirement):
        return requires
    return all_of(*requires) if isinstance(requires, list | tuple) else all_of(requires)


def _open_to_people_only(requirement: Requirement) -> Requirement:
    """Add "only people" to every alternative that does not name a kind of caller."""
    if isinstance(requirement, Caller):
        return requirement
    if isinstance(requirement, AnyOf):
        return AnyOf(tuple(_open_to_people_only(part) for part in requirement.parts))
    parts = requirement.parts if isinstance(requirement, AllOf) else (requirement,)
    if not any(_names_caller(part) for part in parts):
        return AllOf((Caller("user"), *parts))
    return AllOf(tuple(_open_to_people_only(part) if _names_caller(part) else part for part in parts))


def _names_caller(requirement: Requirement) -> bool:
    return any(isinstance(part, Caller) for part in list_leaves(requirement))


def _list_alternatives(requirement: Requirement) -> Iterator[Requirement]:
    """Yield the requirement and every alternative in it: one that nobody can meet is a mistake, too."""
    yield requirement
    if isinstance(requirement, AllOf | AnyOf):
        for part in requirement.parts:
            yield from _list_alternatives(part)


def _is_possible(requirement: Requirement, kind: _Kind) -> bool:
    if isinstance(requirement, AllOf):
        return all(_is_possible(part, kind) for part in requirement.parts)
    if isinstance(requirement, AnyOf):
        return any(_is_possible(part, kind) for part in requirement.parts)
    return kind in _list_kinds(requirement)


def _list_kinds(requirement: Requirement) -> tuple[_Kind, ...]:
    """Return who can meet a single requirement."""
    if isinstance(requirement, Caller):
        return _KINDS_BY_CALLER[requirement.kind]
    if isinstance(requirement, Flag) and requirement.of == "user":
        return _KINDS_BY_CALLER["user"]
    return _KINDS_BY_REQUIREMENT.get(type(requirement), _ALL_KINDS)
