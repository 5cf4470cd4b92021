"""The words for a decorator's `requires=`: scope, permission, role, organization, flag, user, machine, check."""

import inspect
import re
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from app.access.requirements import (
    AllOf,
    AnyOf,
    Caller,
    Check,
    DeclarationError,
    Flag,
    Organization,
    Permission,
    Requirement,
    Role,
    Scope,
)

SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
"""RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )"""
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/*-]*")
_WORDS = re.compile(r"\S.*")


def scope(name: str) -> Scope:
    """The token has this OAuth scope. A client that lacks it asks its user for it (step-up).

    AuthKit must offer a scope of your own to the clients that register themselves: until it does, clients that
    ask for everything in the metadata cannot log in at all. `make doctor` says so.
    """
    if not _is_like(SCOPE, name) or name == "offline_access":
        raise DeclarationError(f'scope({name!r}) is no scope that a token can have; write scope("reports:write")')
    return Scope(name)


def permission(slug: str) -> Permission:
    """One of the caller's roles in the organisation of the login carries this permission."""
    return Permission(_slug("permission", slug, "reports:read"))


def role(slug: str) -> Role:
    """The caller has this role in the organisation of the login. Prefer `permission`: roles get renamed."""
    return Role(_slug("role", slug, "admin"))


def organization() -> Organization:
    """The caller is logged in to an organisation."""
    return Organization()


def flag(slug: str, *, of: Literal["organization", "user"] = "organization") -> Flag:
    """A WorkOS feature flag is on, for the organisation of the login, or for the user in any of theirs."""
    if of not in ("organization", "user"):
        raise DeclarationError(f'flag({slug!r}, of={of!r}): of is "organization" or "user"')
    return Flag(_slug("flag", slug, "report-export"), of)


def user() -> Caller:
    """The caller is a person. It is so wherever nothing mentions machine() or anyone()."""
    return Caller("user")


def machine() -> Caller:
    """The caller is a machine application (client credentials, with ALLOW_MACHINE_TOKENS)."""
    return Caller("machine")


def anyone() -> AnyOf:
    """People and machine applications alike."""
    return AnyOf((Caller("user"), Caller("machine")))


def check(function: Callable[..., Awaitable[bool]], *, needs: str, granted_by: str = "") -> Check:
    """An async function says so, after the arguments were validated and before the tool runs.

    Its parameters are arguments of the tool, by name, and what `Depends` fills, such as the session.

    Args:
        needs: What a caller lacks where it answers False, as it stands behind "you need".
        granted_by: A sentence on who can grant it.
    """
    if not inspect.isfunction(function) or not inspect.iscoroutinefunction(function):
        raise DeclarationError("check() takes an async function; write async def may_view(report_id: str) -> bool")
    if not _is_like(_WORDS, needs) or not isinstance(granted_by, str):
        raise DeclarationError(
            'check() says what a caller lacks; write check(may_view, needs="to own the report")'
        )
    return Check(function, needs, granted_by)


def all_of(*parts: Requirement) -> AllOf:
    """Every one of them."""
    return AllOf(_parts("all_of", parts))


def any_of(*parts: Requirement) -> AnyOf:
    """At least one of them."""
    return AnyOf(_parts("any_of", parts))


def _parts(name: str, parts: tuple[Any, ...]) -> tuple[Requirement, ...]:
    if not parts:
        raise DeclarationError(f"{name}() is empty; name at least one requirement")
    for part in parts:
        if not isinstance(part, Requirement):
            raise DeclarationError(f'{part!r} is no requirement; write permission("reports:read"), for example')
    return tuple(parts)


def _slug(name: str, slug: str, example: str) -> str:
    if not _is_like(_SLUG, slug):
        raise DeclarationError(f'{name}({slug!r}) is no slug of WorkOS; write {name}("{example}")')
    return slug


def _is_like(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
