"""Callers with API keys, through the handler: as whom they come, and what they may use."""

import asyncio
from typing import Any

import pytest

from app.access.grants import Grants
from app.access.lookups import Lookups
from app.authoring import make_session
from tests.api_keys import KeyWorld
from tests.packages import Write

ENGINES, COMPILERS = "org_01LOCALANALYTICALENGINES00", "org_01LOCALCOMPILERWORKS000000"
ADA, GRACE = "user_01LOCALADALOVELACE0000000", "user_01LOCALGRACEHOPPER0000000"
TOOLS = {
    "of_people": "",
    "of_anyone": "requires=anyone()",
    "of_keys": "requires=api_key()",
    "of_users_keys": "requires=[user(), api_key()]",
    "of_machines": "requires=machine()",
    "of_readers": "requires=any_of(api_key(), permission('reports:read'))",
    "with_permission": "requires=permission('reports:read')",
    "keys_with_permission": "requires=[api_key(), permission('reports:read')]",
    "with_role": "requires=any_of(role('admin'), role('member'))",
    "with_scope": "requires=scope('openid')",
    "with_organization": "requires=[any_of(anyone(), api_key()), organization()]",
    "with_flag": "requires=[any_of(anyone(), api_key()), flag('report-export')]",
    "with_early_access": "requires=flag('early-access', of='user')",
}


@pytest.fixture
def world(write: Write) -> KeyWorld:
    return KeyWorld.start(write(**{name: one_tool(name, rule) for name, rule in TOOLS.items()}))


def one_tool(name: str, rule: str) -> str:
    return f'''from app.authoring import *
from app.authoring import CurrentSession, CurrentUser, anyone, api_key, any_of, flag, machine, organization
from app.authoring import permission, role, scope, tool, user

@tool({rule})
async def {name}(session: CurrentSession) -> str:
    """Say who calls."""
    return f"{{session.kind}} {{session.user_id}} {{session.organization_id}} {{sorted(session.permissions)}}"
'''


def text(answer: Any) -> str:
    assert answer.status == 200, answer
    return str(answer.json["result"]["content"][0]["text"])


VISIBLE = {
    "CI": {"of_keys", "of_readers", "keys_with_permission", "with_organization", "with_flag"},
    "Status page": {"of_keys", "of_readers", "with_organization", "with_flag"},
    "Grace's notebook": {
        *("of_people", "of_anyone", "of_keys", "of_users_keys", "of_readers"),
        *("with_permission", "keys_with_permission", "with_organization", "with_early_access"),
    },
    "Ada's script": {
        *("of_people", "of_anyone", "of_keys", "of_users_keys", "of_readers"),
        *("with_organization", "with_flag"),
    },
}


@pytest.mark.parametrize("name", VISIBLE)
def test_a_list_shows_what_the_key_may_use_and_only_that_works(name: str, world: KeyWorld) -> None:
    shown = set(world.list_tools(name))
    used = {tool for tool in TOOLS if "result" in world.call(name, tool).json}

    assert (shown, used) == (VISIBLE[name], VISIBLE[name])


def test_permissions_come_from_the_key_without_a_question(world: KeyWorld) -> None:
    # Ada is an administrator, and her key has no permission.
    assert "result" not in world.call("Ada's script", "with_permission").json
    assert "result" in world.call("Grace's notebook", "with_permission").json
    # Only flags were asked for, to do the same work for a hidden tool as for an unknown one.
    assert {path.rpartition("/")[2] for path in world.api.asked} == {"validations", "feature-flags"}


def test_a_tool_sees_who_calls(world: KeyWorld) -> None:
    assert text(world.call("CI", "of_keys")) == (
        f"api_key api_key_01LOCALCI0000000000000000 {ENGINES} ['reports:read', 'reports:write']"
    )
    assert text(world.call("Grace's notebook", "of_people")) == f"api_key {GRACE} {COMPILERS} ['reports:read']"


def test_a_required_organisation_is_the_one_of_the_key() -> None:
    world = KeyWorld.start(require_organization=True)

    assert [world.send(name).status for name in ("CI", "Grace's notebook")] == [200, 200]


def test_a_key_has_no_scope_so_scopes_that_every_call_needs_keep_it_out() -> None:
    """The settings refuse this combination at the start. If it came about, nobody would slip through."""
    world = KeyWorld.start(required_scopes=("openid",))

    assert world.send("CI").status == 403


def test_a_user_s_key_has_a_profile_and_an_organisation_s_key_has_none(write: Write) -> None:
    tools = write(
        profile='''from app.authoring import CurrentUser, any_of, anyone, api_key, tool

@tool(requires=any_of(anyone(), api_key()))
async def profile(user: CurrentUser) -> str:
    """Say the address."""
    return user.email
'''
    )
    world = KeyWorld.start(tools)

    assert text(world.call("Grace's notebook", "profile")) == "grace@example.com"
    assert text(world.call("CI", "profile")) == (
        "This tool needs a person. You came with the API key of an organisation, not as a user."
    )


def test_a_key_without_the_permission_reads_what_would_help(write: Write) -> None:
    tools = write(
        publish='''from app.authoring import all_of, api_key, permission, scope, any_of, tool

@tool(requires=all_of(api_key(), permission("reports:write")), discoverable=True)
async def publish() -> str:
    """Publish."""
    return "public"
'''
    )
    world = KeyWorld.start(tools)

    assert text(world.call("Grace's notebook", "publish")) == (
        "You may not use this: you need the permission reports:write. An API key has the permissions that were "
        "chosen for it, no role and no scope: try another key."
    )


def test_a_key_has_no_membership_so_no_resource_is_its_owners() -> None:
    session = make_session(user_id=ADA, organization_id=ENGINES, client_id="api_key_1", api_key_owner="user")

    async def refuse() -> Any:
        raise AssertionError("WorkOS must not be asked: it would answer for the owner")

    grants = Grants(session, Lookups(refuse, lambda: 0.0))

    async def held() -> list[Any]:
        may = await grants.may("report:view", resource_type="report", external_id="report-q1")
        return [may, await grants.membership(), await grants.roles(), await grants.permissions()]

    assert asyncio.run(held()) == [False, None, frozenset(), frozenset()]
