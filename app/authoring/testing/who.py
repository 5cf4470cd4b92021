"""Who calls: made-up people and machine applications, or those of the seed file."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from types import EllipsisType
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up or seeded person; see `as_user`."""

    name: str | None = None
    _: KW_ONLY
    organization: str | EllipsisType | None = ...
    role: str | None = None
    permissions: frozenset[str] | None = None
    scopes: frozenset[str] = frozenset()
    flags: frozenset[str] | None = None
    accounts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Machine:
    """A made-up or seeded machine application; see `as_machine`."""

    name: str | None = None
    _: KW_ONLY
    organization: str | None = None
    scopes: frozenset[str] | None = None
    flags: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ApiKeyOwner:
    """A caller with a made-up or seeded API key; see `as_api_key`."""

    name: str | None = None
    _: KW_ONLY
    owner: Literal["user", "organization"] = "organization"
    organization: str | None = None
    permissions: frozenset[str] | None = None
    flags: frozenset[str] | None = None


Who: TypeAlias = Person | Machine | ApiKeyOwner


def as_user(
    name: str | None = None,
    *,
    organization: str | EllipsisType | None = ...,
    role: str | None = None,
    permissions: Iterable[str] | None = None,
    scopes: Iterable[str] = (),
    flags: Iterable[str] | None = None,
    accounts: Iterable[str] = (),
) -> Person:
    """A person: without arguments somebody in an organisation, with no role's permissions.

    Say what the test is about, and leave out the rest.

    Args:
        name: The e-mail address, the name or the id of a person of infra/local/seed.toml, with all that the file
            has about them.
        organization: The organisation of their login, by name or id, None for a login without one. Without this,
            a seeded person has their first one, a made-up person a made-up one.
        role: The slug of their role there. A role of the seed file brings its permissions, another one has none.
        permissions: What their role carries, and nothing else.
        scopes: What they granted to the client beside `openid profile email`.
        flags: The feature flags that are on for them and their organisation, and no others. Without this, those
            of the seed file.
        accounts: The providers at which they have connected an account, such as `{"github"}`, with all scopes
            that the seed file has for it.
    """
    return Person(
        name,
        organization=organization,
        role=role,
        permissions=_freeze("permissions", permissions),
        scopes=_freeze("scopes", scopes) or frozenset(),
        flags=_freeze("flags", flags),
        accounts=_freeze("accounts", accounts) or frozenset(),
    )


def as_machine(
    name: str | None = None,
    *,
    organization: str | None = None,
    scopes: Iterable[str] | None = None,
    flags: Iterable[str] | None = None,
) -> Machine:
    """A machine application: a made-up one, or the seeded one with this name or client id.

    WorkOS gives a machine scopes and an organisation. It has no role, and so no permissions.
    """
    return Machine(
        name, organization=organization, scopes=_freeze("scopes", scopes), flags=_freeze("flags", flags)
    )


def as_api_key(
    name: str | None = None,
    *,
    owner: Literal["user", "organization"] = "organization",
    organization: str | None = None,
    permissions: Iterable[str] | None = None,
    flags: Iterable[str] | None = None,
) -> ApiKeyOwner:
    """A caller with a WorkOS API key: a made-up one, or the seeded one with this name or id.

    Args:
        name: The name or the id of a key of infra/local/seed.toml, with all that the file has about it.
        owner: Who owns a made-up key: an organisation, or a made-up user in it.
        organization: In which organisation a made-up key works, by name or id; without this, a made-up one.
        permissions: What was chosen for the key, and nothing else.
        flags: The feature flags that are on for its organisation and its user, and no others.
    """
    return ApiKeyOwner(
        name,
        owner=owner,
        organization=organization,
        permissions=_freeze("permissions", permissions),
        flags=_freeze("flags", flags),
    )


def _freeze(name: str, values: Iterable[str] | None) -> frozenset[str] | None:
    if isinstance(values, str):
        raise TypeError(f'{name}={values!r} is one text; write {name}={{"{values}"}}')
    return None if values is None else frozenset(values)
