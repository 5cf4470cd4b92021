"""The kinds of requirement that a tool, prompt or resource can have, and how each is told to a caller."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

_BY_ADMINISTRATOR = "An administrator of your organisation can give you a role that has it."


class DeclarationError(Exception):
    """A requirement can never be right; the message says what to write instead. The file's name comes with it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """An OAuth scope of the access token: what the user let this client do."""

    name: str
    reason: ClassVar[str] = "missing_scope"
    granted_by: ClassVar[str] = ""

    @property
    def needs(self) -> str:
        return f"the scope {self.name}"


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission that the caller's roles in the organisation carry."""

    slug: str
    reason: ClassVar[str] = "missing_permission"
    granted_by: ClassVar[str] = _BY_ADMINISTRATOR

    @property
    def needs(self) -> str:
        return f"the permission {self.slug}"


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the caller in the organisation of the login."""

    slug: str
    reason: ClassVar[str] = "missing_role"
    granted_by: ClassVar[str] = "An administrator of your organisation can give you this role."

    @property
    def needs(self) -> str:
        return f"the role {self.slug}"


@dataclass(frozen=True, slots=True)
class Organization:
    """A login to any organisation at all."""

    reason: ClassVar[str] = "no_organization"
    granted_by: ClassVar[str] = (
        "Choose an organisation when you log in, or ask an administrator of yours to invite you."
    )
    needs: ClassVar[str] = "to be logged in to an organisation"


@dataclass(frozen=True, slots=True)
class Flag:
    """A feature flag that is on for the organisation of the login, or for the user wherever they are."""

    slug: str
    of: Literal["organization", "user"]
    reason: ClassVar[str] = "missing_flag"

    @property
    def needs(self) -> str:
        return f"the feature {self.slug}"

    @property
    def granted_by(self) -> str:
        whom = "you" if self.of == "user" else "your organisation"
        return f"Whoever runs this server can switch it on for {whom}."


@dataclass(frozen=True, slots=True)
class Caller:
    """The kind of caller."""

    kind: Literal["user", "machine"]
    reason: ClassVar[str] = "wrong_caller"
    granted_by: ClassVar[str] = ""

    @property
    def needs(self) -> str:
        return "to be a machine application" if self.kind == "machine" else "to log in as a person"


@dataclass(frozen=True, slots=True)
class Check:
    """An answer that an async function gives, which may look at the arguments of the call."""

    function: Callable[..., Awaitable[bool]]
    needs: str
    granted_by: str
    reason: ClassVar[str] = "check_failed"


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: "tuple[Requirement, ...]"

    @property
    def needs(self) -> str:
        return " and ".join(part.needs for part in self.parts)

    @property
    def granted_by(self) -> str:
        return _sentences(self.parts)

    @property
    def reason(self) -> str:
        return self.parts[0].reason


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: "tuple[Requirement, ...]"

    @property
    def needs(self) -> str:
        return "one of these: " + "; ".join(part.needs for part in self.parts)

    @property
    def granted_by(self) -> str:
        return _sentences(self.parts)

    @property
    def reason(self) -> str:
        return self.parts[0].reason


Requirement: TypeAlias = Scope | Permission | Role | Organization | Flag | Caller | Check | AllOf | AnyOf


def _sentences(parts: "tuple[Requirement, ...]") -> str:
    return " ".join(dict.fromkeys(part.granted_by for part in parts if part.granted_by))
