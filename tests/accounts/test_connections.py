"""The caller's connections: what is listed, and how one ends."""

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx2
import pytest

from app.application import create_app
from app.authoring.testing import CallAs, as_user, provide
from infra.local.testing.server import LocalServer
from tests.access.world import ADA, ENGINES, GRACE
from tests.accounts.desk import Desk
from tests.blocks import ROOT
from tests.packages import Write
from tests.team import FIXTURES

EXAMPLES = ("list_my_connections", "list_my_repositories", "disconnect")


@pytest.fixture(autouse=True)
def served(write: Write) -> Iterator[None]:
    """A server with these examples alone: all of them would be prepared anew for each test."""
    tools = write(**{name: ROOT.joinpath(f"examples/tools/{name}.py").read_text() for name in EXAMPLES})
    before = provide(LocalServer(FIXTURES / "seed.toml", partial(create_app, tools=tools)).connect)
    yield
    provide(before)


def states(result: Any) -> dict[str, str]:
    return {row["provider"]: row["state"] for row in result}


def test_the_list_has_each_provider_with_the_state_of_the_callers_account(call_as: CallAs) -> None:
    ada = call_as(as_user("ada@example.com", accounts={"github", "slack"}))

    rows = {row["provider"]: row for row in ada.call("list_my_connections")}
    assert states(rows.values()) == {"github": "connected", "notion": "not_connected", "slack": "connected"}
    assert [rows[name]["is_shared"] for name in rows] == [False, False, True]
    assert rows["github"]["scopes"] == ["read:user", "repo"]


def test_an_account_ends_after_a_question_and_the_next_call_asks_for_it(call_as: CallAs) -> None:
    answers = {"Disconnect your GitHub account?": {"really": True}}
    ada = call_as(as_user("ada@example.com", accounts={"github"}), answers=answers)

    assert [row["full_name"] for row in ada.call("list_my_repositories")] == ["ada-l/engine", "ada-l/notes"]
    assert ada.call("disconnect", provider="github").startswith("GitHub is disconnected.")
    assert ada.call("disconnect", provider="github") == "GitHub is not connected."
    assert states(ada.call("list_my_connections"))["github"] == "not_connected"


def test_without_a_yes_it_stays(call_as: CallAs) -> None:
    no = call_as(as_user("ada@example.com", accounts={"github"}), answers=[{"really": False}])

    assert no.call("disconnect", provider="github") == "GitHub stays connected."
    assert no.call_tool("disconnect", {"provider": "slack"}).is_error
    assert states(no.call("list_my_connections"))["github"] == "connected"


def test_another_users_account_in_the_answer_is_left_out(write: Write) -> None:
    code = """
from app.authoring import CurrentConnections, tool

@tool()
async def states(connections: CurrentConnections) -> str:
    "List the states."
    return ", ".join(f"{each.provider} {each.state}" for each in await connections.list())
"""
    desk = Desk.open(write(states=code))
    account = desk.pipes.connect("github", GRACE, ENGINES)
    listed = asyncio.run(_list_for(desk, GRACE))
    assert listed["data"][0]["connected_account"]["id"] == account.id
    assert desk.say("states") == "github not_connected, notion not_connected, slack not_connected"
    desk.api.instead[f"/user_management/users/{ADA}/data_providers"] = (200, listed)

    assert desk.say("states") == "github not_connected, notion not_connected, slack not_connected"


async def _list_for(desk: Desk, user: str) -> Any:
    key = {"authorization": f"Bearer {desk.rig.settings.api_key}"}
    transport = httpx2.ASGITransport(desk.api.app)
    async with httpx2.AsyncClient(transport=transport, headers=key, base_url="http://127.0.0.1") as http:
        query = {"organization_id": ENGINES}
        return (await http.get(f"/user_management/users/{user}/data_providers", params=query)).json()
