"""What a tool, prompt or resource can require of its caller: the kinds, and the functions that decorators use.

`needs` and `granted_by` of a requirement are the words in which a denied caller reads about it.
"""

import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from app.auth.session import CallerKind

SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
"""RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )"""
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/*-]*")
_TEXT = re.compile(r"\S.*")
_BY_ADMINISTRATOR = "An administrator of your organisation can give you a role that has it."


class DeclarationError(Exception):
    """A requirement that can never be right. The message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Scope:
    """An OAuth scope of the access token: what the user allowed this client to do."""

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
    """A login to an organisation, regardless of which one."""

    reason: ClassVar[str] = "no_organization"
    granted_by: ClassVar[str] = (
        "Choose an organisation when you log in, or ask an administrator of yours to invite you."
    )
    needs: ClassVar[str] = "to be logged in to an organisation"


@dataclass(frozen=True, slots=True)
class Flag:
    """A feature flag that is on for the organisation of the login, or for the user in any organisation."""

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
    """The kind of caller: a person, an application without one, or an API key."""

    kind: CallerKind
    reason: ClassVar[str] = "wrong_caller"
    granted_by: ClassVar[str] = ""

    @property
    def needs(self) -> str:
        return _CALLER_NEEDS[self.kind]


_CALLER_NEEDS: dict[CallerKind, str] = {
    "user": "to log in as a person",
    "machine": "to be a machine application",
    "api_key": "to use an API key",
}


@dataclass(frozen=True, slots=True)
class Check:
    """An async function of the author's that decides, and may look at the arguments of the call."""

    function: Callable[..., Awaitable[bool]]
    needs: str
    granted_by: str
    reason: ClassVar[str] = "check_failed"


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts must hold."""

    parts: "tuple[Requirement, ...]"

    @property
    def needs(self) -> str:
        return " and ".join(part.needs for part in self.parts)

    @property
    def granted_by(self) -> str:
        return _join_advice(self.parts)

    @property
    def reason(self) -> str:
        return self.parts[0].reason


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part must hold."""

    parts: "tuple[Requirement, ...]"

    @property
    def needs(self) -> str:
        return "one of these: " + "; ".join(part.needs for part in self.parts)

    @property
    def granted_by(self) -> str:
        return _join_advice(self.parts)

    @property
    def reason(self) -> str:
        return self.parts[0].reason


Requirement: TypeAlias = Scope | Permission | Role | Organization | Flag | Caller | Check | AllOf | AnyOf


def scope(name: str) -> Scope:
    """Require this OAuth scope. A client without it asks its user for it (step-up).

    AuthKit must offer a scope of your own to clients that register themselves. Until it does, clients that ask for
    all scopes in the metadata cannot log in. `make doctor` reports this.
    """
    if not _matches(SCOPE, name) or name == "offline_access":
        raise DeclarationError(f'scope({name!r}) is no scope that a token can have; write scope("reports:write")')
    return Scope(name)


def permission(slug: str) -> Permission:
    """Require that one of the caller's roles in the organisation of the login carries this permission."""
    return Permission(_check_slug("permission", slug, "reports:read"))


def role(slug: str) -> Role:
    """Require this role in the organisation of the login. Prefer `permission`: roles get renamed."""
    return Role(_check_slug("role", slug, "admin"))


def organization() -> Organization:
    """Require a login to an organisation."""
    return Organization()


def flag(slug: str, *, of: Literal["organization", "user"] = "organization") -> Flag:
    """Require a WorkOS feature flag that is on for the organisation of the login, or for the user anywhere."""
    if of not in ("organization", "user"):
        raise DeclarationError(f'flag({slug!r}, of={of!r}): of is "organization" or "user"')
    return Flag(_check_slug("flag", slug, "report-export"), of)


def user() -> Caller:
    """Require a person, or an API key that a person owns.

    This is the rule wherever none of machine(), api_key() and anyone() is named.
    """
    return Caller("user")


def machine() -> Caller:
    """Require a machine application (client credentials; the setting ALLOW_MACHINE_TOKENS must be on)."""
    return Caller("machine")


def api_key() -> Caller:
    """Require a WorkOS API key, of a user or of an organisation (the setting ALLOW_API_KEYS must be on)."""
    return Caller("api_key")


def anyone() -> AnyOf:
    """Allow people and machine applications. API keys of organisations need `any_of(anyone(), api_key())`."""
    return AnyOf((Caller("user"), Caller("machine")))


def check(function: Callable[..., Awaitable[bool]], *, needs: str, granted_by: str = "") -> Check:
    """Require that an async function answers True. It runs after the arguments were validated, before the tool.

    Its parameters are arguments of the tool, by name, and those that `Depends` fills, such as the session.

    Args:
        needs: What the caller lacks if it answers False, in the words that follow "you need".
        granted_by: A sentence that says who can grant it.
    """
    if not inspect.isfunction(function) or not inspect.iscoroutinefunction(function):
        raise DeclarationError("check() takes an async function; write async def may_view(report_id: str) -> bool")
    if not _matches(_TEXT, needs) or not isinstance(granted_by, str):
        raise DeclarationError(
            'check() says what a caller lacks; write check(may_view, needs="to own the report")'
        )
    return Check(function, needs, granted_by)


def all_of(*parts: Requirement) -> AllOf:
    """Require all of them."""
    return AllOf(_check_parts("all_of", parts))


def any_of(*parts: Requirement) -> AnyOf:
    """Require at least one of them."""
    return AnyOf(_check_parts("any_of", parts))


def _join_advice(parts: "tuple[Requirement, ...]") -> str:
    return " ".join(dict.fromkeys(part.granted_by for part in parts if part.granted_by))


def _check_parts(name: str, parts: tuple[Any, ...]) -> tuple[Requirement, ...]:
    if not parts:
        raise DeclarationError(f"{name}() is empty; name at least one requirement")
    for part in parts:
        if not isinstance(part, Requirement):
            raise DeclarationError(f'{part!r} is no requirement; write permission("reports:read"), for example')
    return tuple(parts)


def _check_slug(name: str, slug: str, example: str) -> str:
    if not _matches(_SLUG, slug):
        raise DeclarationError(f'{name}({slug!r}) is no slug of WorkOS; write {name}("{example}")')
    return slug


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
