"""A Session's defaults, which are for tests of tools, grant nothing; the verifier sets every field itself."""

import ast
import asyncio
from dataclasses import fields
from typing import Any

import pytest

from app.access.grants import Grants
from app.access.lookups import Lookups
from app.auth.claims import build_session
from app.auth.session import Session
from tests.blocks import ROOT
from tests.issuer import Issuer

NAMES = {field.name for field in fields(Session)}
PLACES = ["app/auth/api_keys.py", "app/auth/claims.py", "app/authoring/session.py"]
EVERYTHING: dict[str, Any] = {
    "role": "admin",
    "roles": ["admin", "auditor"],
    "permissions": ["reports:read"],
    "feature_flags": ["report-export"],
}


def test_a_test_names_only_what_it_is_about() -> None:
    session = Session(permissions=frozenset({"reports:write"}))

    assert session.permissions == {"reports:write"}


def test_the_defaults_name_nobody_and_grant_nothing() -> None:
    assert {name: value for name in NAMES if (value := getattr(Session(), name))} == {}


async def refuse() -> Any:
    raise AssertionError("nobody needs WorkOS for a caller without an organisation")


def test_the_defaults_hold_no_grant() -> None:
    grants = Grants(Session(), Lookups(refuse, lambda: 0.0))

    async def held() -> list[frozenset[str]]:
        return [await grants.roles(), await grants.permissions(), await grants.flags("organization")]

    assert asyncio.run(held()) == [frozenset(), frozenset(), frozenset()]


def test_a_token_with_every_claim_sets_every_field() -> None:
    issuer = Issuer()
    person, machine = build_session(issuer.claims(**EVERYTHING)), build_session(issuer.machine_claims())

    differing = {name for name in NAMES if getattr(person, name) != getattr(Session(), name)}
    assert differing | {"is_machine", "api_key_owner"} == NAMES
    assert machine.is_machine


@pytest.mark.parametrize("file", PLACES)
def test_every_place_that_makes_a_session_names_every_field(file: str) -> None:
    assert [set(names) for names in named_fields(ROOT / file)] == [NAMES]


def test_no_other_place_of_the_function_makes_a_session() -> None:
    places = {path.relative_to(ROOT).as_posix() for path in (ROOT / "app").rglob("*.py") if named_fields(path)}

    assert places == set(PLACES)


@pytest.mark.parametrize(
    ("session", "kind", "is_person"),
    [
        (Session(), "user", True),
        (Session(is_machine=True), "machine", False),
        (Session(api_key_owner="user"), "api_key", True),
        (Session(api_key_owner="organization"), "api_key", False),
    ],
)
def test_the_kind_of_a_caller(session: Session, kind: str, is_person: bool) -> None:
    assert (session.kind, session.is_person) == (kind, is_person)


def named_fields(path: Any) -> list[list[str | None]]:
    """The keywords of each call of Session in the file."""
    code = path.read_text(encoding="utf-8")
    if "Session(" not in code:  # most files have none, and parsing all of them takes half a second
        return []
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    return [
        [keyword.arg for keyword in call.keywords]
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "Session"
    ]
