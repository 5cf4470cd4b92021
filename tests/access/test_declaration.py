"""What a decorator may say, and what stops the start."""

import re
from functools import partial
from typing import Any

import pytest

from app.access.declaration import Access, declare
from app.access.requirements import (
    AllOf,
    AnyOf,
    Caller,
    DeclarationError,
    Permission,
    Role,
    all_of,
    any_of,
    anyone,
    api_key,
    check,
    flag,
    machine,
    organization,
    permission,
    role,
    scope,
    user,
)
from app.protocol.catalogue.catalogue import collect_tools
from app.protocol.catalogue.definition import CatalogueError
from tests.packages import Write

PEOPLE, MACHINES, KEYS = Caller("user"), Caller("machine"), Caller("api_key")


async def owns(report_id: str) -> bool:
    return report_id == "mine"


DECLARED: list[tuple[Any, Any]] = [
    (None, PEOPLE),
    (machine(), MACHINES),
    (anyone(), AnyOf((PEOPLE, MACHINES))),
    (permission("a:b"), AllOf((PEOPLE, Permission("a:b")))),
    ([permission("a:b"), role("admin")], AllOf((PEOPLE, Permission("a:b"), Role("admin")))),
    (api_key(), KEYS),
    ([user(), api_key()], AllOf((PEOPLE, KEYS))),
    ([api_key(), permission("a:b"), flag("x")], AllOf((KEYS, Permission("a:b"), flag("x")))),
    (any_of(api_key(), permission("a:b")), AnyOf((KEYS, AllOf((PEOPLE, Permission("a:b")))))),
    ([user(), api_key(), flag("x", of="user")], AllOf((PEOPLE, KEYS, flag("x", of="user")))),
    ([machine(), organization()], AllOf((MACHINES, organization()))),
    (
        any_of(machine(), permission("a:b")),
        AnyOf((MACHINES, AllOf((PEOPLE, Permission("a:b"))))),
    ),
    (
        [organization(), any_of(machine(), role("admin"))],
        AllOf((organization(), AnyOf((MACHINES, AllOf((PEOPLE, Role("admin"))))))),
    ),
    (
        any_of(all_of(user(), scope("x")), role("admin")),
        AnyOf((all_of(user(), scope("x")), AllOf((PEOPLE, Role("admin"))))),
    ),
]


@pytest.mark.parametrize(("written", "meant"), DECLARED, ids=[str(place) for place in range(len(DECLARED))])
def test_only_alternatives_that_name_machines_are_open_to_them(written: Any, meant: Any) -> None:
    assert declare(written).requires == meant


def test_what_asks_the_same_is_one_object() -> None:
    assert declare([permission("a:b")]) is declare((permission("a:b"),))
    assert declare(permission("a:b")) is not declare(permission("a:b"), discoverable=True)


def test_scopes_and_checks_are_found_wherever_they_stand() -> None:
    owner = check(owns, needs="to own it")
    access: Access = declare(any_of(all_of(scope("b"), owner), all_of(scope("a"), scope("b"))))

    assert access.scopes == ("b", "a")
    assert access.checks == (owner,)


WRONG: dict[str, tuple[Any, str]] = {
    "a string": (lambda: declare("reports:read"), 'permission("reports:read")'),  # type: ignore[arg-type]
    "a string in a list": (lambda: declare(["x"]), "'x' is no requirement"),  # type: ignore[list-item]
    "an empty list": (lambda: declare([]), "all_of() is empty"),
    "a key with a role": (lambda: declare([api_key(), role("admin")]), "an API key no role and no scope"),
    "a key with a scope": (lambda: declare([api_key(), scope("x")]), "an API key no role and no scope"),
    "a key that is a machine": (lambda: declare([api_key(), machine()]), "nobody can meet this"),
    "any of nothing": (any_of, "any_of() is empty"),
    "the word itself": (lambda: declare(organization), "is no requirement"),  # type: ignore[arg-type]
    "a scope with a space": (lambda: scope("a b"), 'scope("reports:write")'),
    "no scope at all": (lambda: scope(None), "is no scope"),  # type: ignore[arg-type]
    "a refresh token": (lambda: scope("offline_access"), "is no scope"),
    "an empty permission": (lambda: permission(""), 'permission("reports:read")'),
    "a role that is a list": (lambda: role(["admin"]), 'role("admin")'),  # type: ignore[arg-type]
    "a flag of a team": (lambda: flag("x", of="team"), 'of is "organization" or "user"'),  # type: ignore[arg-type]
    "a check that blocks": (lambda: check(lambda: True, needs="x"), "async def"),  # type: ignore[arg-type,return-value]
    "a check without words": (lambda: check(owns, needs=" "), "says what a caller lacks"),
    "a check without a text": (lambda: check(owns, needs=None), "says what a caller lacks"),  # type: ignore[arg-type]
    "a check with no advice": (lambda: check(owns, needs="x", granted_by=None), "says what"),  # type: ignore[arg-type]
    "half a function": (lambda: check(partial(owns, "x"), needs="x"), "async def"),
    "half a yes": (lambda: declare(discoverable="no"), "discoverable is True or False, not 'no'"),
    "an alternative of nobody": (
        lambda: declare(any_of(all_of(machine(), role("admin")), permission("a:b"))),
        "nobody can meet this: to be a machine application and the role admin.",
    ),
    "a machine with a role": (lambda: declare([machine(), role("admin")]), "nobody can meet this"),
    "a machine with a user's flag": (lambda: declare([machine(), flag("x", of="user")]), "nobody can meet"),
    "a person who is a machine": (lambda: declare(all_of(user(), machine())), "nobody can meet this"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_declaration_that_cannot_be_right_says_what_to_write(wrong: str) -> None:
    make, said = WRONG[wrong]

    with pytest.raises(DeclarationError, match=re.escape(said)):
        make()


def test_a_machine_may_have_an_organisation_and_its_flags() -> None:
    assert declare([machine(), organization(), flag("report-export")]).scopes == ()


UNFILLABLE = {
    "an argument that the tool has not": (
        "async def allowed(report: str) -> bool:",
        "which takes report: that is neither an argument",
    ),
    "a type that does not exist": ("async def allowed(text: 'Nowhere') -> bool:", "which cannot be called"),
    "any number of arguments": ("async def allowed(*text: str) -> bool:", "must name its parameters"),
    "a sync function": ("def allowed(text: str) -> bool:", "check() takes an async function"),
}


MODULE = """
from app.authoring import check
from app.authoring import tool

{head}
    return True

@tool(requires=check(allowed, needs="luck"))
async def notes(text: str) -> str:
    '''Notes.'''
    return text
"""


@pytest.mark.parametrize("case", UNFILLABLE)
def test_a_check_that_could_never_be_made_stops_the_start_with_the_file(case: str, write: Write) -> None:
    head, said = UNFILLABLE[case]
    package = write(notes=MODULE.format(head=head))

    with pytest.raises(CatalogueError, match=re.escape(said)) as raised:
        collect_tools(package)
    assert "notes.py: " in str(raised.value)
