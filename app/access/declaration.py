"""A decorator's `requires=` as one rule: people only unless machines are named, and never a contradiction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

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
)
from app.access.words import all_of

Declared: TypeAlias = Requirement | Sequence[Requirement] | None
"""One requirement, several that must all hold, or None: any person may call."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use one thing that this server offers."""

    requires: Requirement
    discoverable: bool = False
    """Whether those who may not use it see it in lists, and are told why they may not."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope that is named anywhere in it."""
        return tuple(dict.fromkeys(part.name for part in leaves(self.requires) if isinstance(part, Scope)))

    @property
    def checks(self) -> tuple[Check, ...]:
        """What can be answered only when the arguments are known."""
        return tuple(part for part in leaves(self.requires) if isinstance(part, Check))


def declare(requires: Declared = None, *, discoverable: Any = False) -> Access:
    """What a decorator's arguments mean.

    Raises:
        DeclarationError: something in it is no requirement, or nobody could ever meet it.
    """
    if not isinstance(discoverable, bool):
        raise DeclarationError(f"discoverable is True or False, not {discoverable!r}")
    requirement = _closed_to_machines(_one(requires))
    for alternative in _alternatives(requirement):
        if not any(_is_possible(alternative, kind) for kind in ("user", "machine")):
            raise DeclarationError(
                f"nobody can meet this: {alternative.needs}. A machine application has no role, permission "
                "or flag of its own; write any_of(machine(), permission(...)) if both may call"
            )
    return _shared(requirement, discoverable)


@cache
def _shared(requirement: Requirement, discoverable: bool) -> Access:
    """One object for all that ask the same: it is decided once for a list."""
    return Access(requirement, discoverable)


def leaves(requirement: Requirement) -> Iterator[Requirement]:
    """The single requirements that it is made of."""
    if isinstance(requirement, AllOf | AnyOf):
        for part in requirement.parts:
            yield from leaves(part)
    else:
        yield requirement


def _one(requires: Any) -> Requirement:
    if requires is None:
        return Caller("user")
    if isinstance(requires, Requirement):
        return requires
    return all_of(*requires) if isinstance(requires, list | tuple) else all_of(requires)


def _closed_to_machines(requirement: Requirement) -> Requirement:
    """The same, for people alone in every alternative that does not name the kind of caller."""
    if isinstance(requirement, Caller):
        return requirement
    if isinstance(requirement, AnyOf):
        return AnyOf(tuple(_closed_to_machines(part) for part in requirement.parts))
    parts = requirement.parts if isinstance(requirement, AllOf) else (requirement,)
    if not any(_names_caller(part) for part in parts):
        return AllOf((Caller("user"), *parts))
    return AllOf(tuple(_closed_to_machines(part) if _names_caller(part) else part for part in parts))


def _names_caller(requirement: Requirement) -> bool:
    return any(isinstance(part, Caller) for part in leaves(requirement))


def _alternatives(requirement: Requirement) -> Iterator[Requirement]:
    """The requirement, and every alternative in it: one that nobody can meet is a mistake, too."""
    yield requirement
    if isinstance(requirement, AllOf | AnyOf):
        for part in requirement.parts:
            yield from _alternatives(part)


def _is_possible(requirement: Requirement, kind: str) -> bool:
    if isinstance(requirement, AllOf):
        return all(_is_possible(part, kind) for part in requirement.parts)
    if isinstance(requirement, AnyOf):
        return any(_is_possible(part, kind) for part in requirement.parts)
    if isinstance(requirement, Caller):
        return requirement.kind == kind
    is_of_people = isinstance(requirement, Role | Permission) or (
        isinstance(requirement, Flag) and requirement.of == "user"
    )
    return kind == "user" or not is_of_people
