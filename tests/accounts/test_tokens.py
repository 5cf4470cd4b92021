"""How long a token is used, and that nobody gets to see it."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from app.auth.session import NoSession
from app.authoring import Account, AccountNotConnected, connected, make_session
from app.authoring.account import find_pipes, identify_account
from app.authoring.connections import get_connections
from app.protocol.catalogue.definition import CatalogueError
from app.workos.client import NoUser
from app.workos.token_memory import (
    EXPIRY_MARGIN_SECONDS,
    MAX_REMEMBERED_TOKENS,
    TOKEN_MEMORY_SECONDS,
    TokenMemory,
    WhoseAccount,
)
from infra.local.authkit.hooks import HEADER
from infra.local.workos_api.application import AUDIT_LOG_HOOK
from tests.accounts.desk import TOOL, Desk
from tests.issuer import Clock
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS

REFRESHING = """
from typing import Annotated
from app.authoring import Account, connected, tool

@tool()
async def who_am_i(github: Annotated[Account, connected("github", scopes=["repo"])]) -> str:
    "Say who you are at GitHub."
    await github.refresh()
    answer = await github.http.get("https://api.github.com/user")
    return answer.json().get("login", "refused")
"""
LEAKING = """
from typing import Annotated
from app.authoring import Account, ToolError, connected, tool

@tool()
async def who_am_i(how: str, github: Annotated[Account, connected("github", scopes=["repo"])]) -> str:
    "Try to show the token."
    if how == "text":
        return f"{github} {github.access_token} {github.http} {github.http.headers}"
    if how == "error":
        raise ToolError(f"{github!r} {github.access_token!r}")
    if how == "failure":
        raise RuntimeError(f"{github!r} {github.access_token!r} {vars(github)}")
    if how == "elsewhere":
        await github.http.get("http://plain.example.com/user")
    if how == "bad header":
        await github.http.get("https://api.github.com/user", headers={"x-bad": "line\\nbreak"})
    return (await github.http.get("https://api.github.com/user")).json()["login"]
"""
HOWS = ["text", "error", "failure", "elsewhere", "bad header", "well"]
WHOSE = WhoseAccount("github", "user_1", "org_1", "user")


def test_a_token_is_asked_for_once_in_a_minute(desk: Desk) -> None:
    desk.connect()

    def questions_of_a_call() -> int:
        before = len(desk.questions_to_workos)
        assert desk.say() == "ada-l"
        return len(desk.questions_to_workos) - before

    assert [questions_of_a_call(), questions_of_a_call()] == [1, 0]
    desk.rig.issuer.clock.now += TOKEN_MEMORY_SECONDS - 1
    assert questions_of_a_call() == 0
    desk.rig.issuer.clock.now += 1
    assert questions_of_a_call() == 1


def test_an_account_that_was_removed_elsewhere_is_asked_for_after_that_minute(desk: Desk) -> None:
    desk.connect()
    assert desk.say() == "ada-l"
    account = desk.pipes.accounts.find("github", next(iter(desk.pipes.accounts._accounts)).owner)
    assert account is not None
    desk.pipes.accounts.remove(account)

    assert desk.say() == "ada-l"
    desk.rig.issuer.clock.now += TOKEN_MEMORY_SECONDS
    assert desk.say().startswith("GitHub is not connected for you.")


@pytest.mark.parametrize(
    ("seconds", "asked_again"), [(EXPIRY_MARGIN_SECONDS, True), (EXPIRY_MARGIN_SECONDS + 2, False)]
)
def test_a_token_that_ends_soon_is_not_kept(seconds: float, desk: Desk, *, asked_again: bool) -> None:
    end = datetime.fromtimestamp(desk.rig.issuer.clock.now + seconds, UTC)
    token = {
        "access_token": desk.connect(),
        "expires_at": end.isoformat(),
        "scopes": ["repo"],
        "missing_scopes": [],
    }
    desk.answer_token({"active": True, "access_token": {"object": "access_token", **token}})

    assert [desk.say(), desk.say()] == ["ada-l", "ada-l"]
    assert len(desk.questions_to_workos) == (2 if asked_again else 1)


def test_a_token_without_an_end_is_used(desk: Desk) -> None:
    token = {"access_token": desk.connect(), "expires_at": None, "scopes": ["repo"], "missing_scopes": []}
    desk.answer_token({"active": True, "access_token": {"object": "access_token", **token}})

    assert desk.say() == "ada-l"


@pytest.mark.matrix
@pytest.mark.parametrize("token", ["two words", "", "line\nbreak", "caf\u00e9", 7, None])
def test_a_token_that_cannot_be_sent_is_not_sent(token: object, desk: Desk, log: Log) -> None:
    given = {"access_token": token, "expires_at": None, "scopes": ["repo"], "missing_scopes": []}
    answer: dict[str, Any] = {"object": "access_token", **given}
    desk.answer_token({"active": True, "access_token": answer if token is not None else None})

    assert desk.say() == "The tool failed unexpectedly. The cause is in the server's log."
    assert desk.sent == []
    assert not isinstance(token, str) or not token or token not in json.dumps(log())


def test_a_scope_that_the_kept_token_lacks_is_asked_for_at_workos(write: Write) -> None:
    other = TOOL.replace("who_am_i", "what_am_i").replace('["repo"]', '["read:user"]')
    desk = Desk.open(write(who_am_i=TOOL, what_am_i=other))
    desk.browse(desk.begin().asked()[0]["url"], **{"scope:repo": None})
    assert desk.say("what_am_i") == "ada-l"

    assert desk.say().startswith(
        "GitHub is connected, but this needs a permission that was not given there: repo."
    )


def test_a_tool_can_ask_for_the_token_again(write: Write) -> None:
    desk = Desk.open(write(who_am_i=REFRESHING))
    desk.connect()

    assert [desk.say(), desk.say()] == ["ada-l", "ada-l"]
    assert len(desk.questions_to_workos) == 3  # the second call found the token in the memory
    desk.pipes.accounts.remove(desk.pipes.accounts._accounts[0])
    assert desk.say() == "GitHub is not connected for you. Call again to connect it."


def test_the_memory_keeps_apart_what_is_another_account() -> None:
    memory: TokenMemory[str] = TokenMemory(Clock())
    memory.put(WHOSE, "token", None)
    others = [
        WhoseAccount("slack", "user_1", "org_1", "user"),
        WhoseAccount("github", "user_2", "org_1", "user"),
        WhoseAccount("github", "user_1", "org_2", "user"),
        WhoseAccount("github", "user_1", None, "user"),
        WhoseAccount("github", "user_1", "org_1", "organization"),
    ]

    assert [memory.find(WHOSE), *map(memory.find, others)] == ["token", *[None] * 5]


def test_the_memory_is_bounded_and_a_clock_that_was_set_back_empties_it() -> None:
    clock = Clock()
    memory: TokenMemory[int] = TokenMemory(clock)
    users = [WhoseAccount("github", f"user_{number}", None, "user") for number in range(MAX_REMEMBERED_TOKENS + 1)]
    for number, whose in enumerate(users):
        memory.put(whose, number, None)

    assert (memory.find(users[0]), memory.find(users[1]), memory.find(users[-1])) == (
        None,
        1,
        MAX_REMEMBERED_TOKENS,
    )
    clock.now -= 1
    assert memory.find(users[1]) is None


@pytest.mark.matrix
@pytest.mark.parametrize("version", ERAS)
def test_the_token_is_in_nothing_that_leaves_or_is_logged(
    version: str, write: Write, log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk.open(write(who_am_i=LEAKING), audit_log_action="mcp.tool_called")
    token = desk.connect()

    answers = [desk.rig.exchange("tools/list", version=version).text]
    for how in HOWS:
        conversation = desk.begin(arguments={"how": how}, version=version)
        conversation.send()
        answers.append(conversation.answer.text + json.dumps(dict(conversation.answer.headers)))

    assert "ada-l" in answers[-1]
    assert {request.headers["authorization"] for request in desk.sent} == {f"Bearer {token}"}
    events = asyncio.run(_read_events(desk))
    assert events.count("mcp.tool_called") == len(HOWS)
    written = capsys.readouterr()
    for place in (*answers, events, json.dumps(log()), written.out, written.err):
        assert token not in place
        assert token.removeprefix("gho_") not in place


async def _read_events(desk: Desk) -> str:
    """What WorkOS' Audit Logs got."""
    transport = httpx2.ASGITransport(desk.api.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        return (await http.get(AUDIT_LOG_HOOK, headers={HEADER: "1"})).text


def test_no_schema_shows_an_account(desk: Desk) -> None:
    (tool,) = desk.rig.exchange("tools/list").json["result"]["tools"]

    assert tool["inputSchema"].get("properties", {}) == {}


@pytest.mark.parametrize(
    "code",
    [
        TOOL.replace(" -> str", " -> Account"),
        TOOL.replace("Annotated[Account, connected", "Annotated[Account, len"),
    ],
)
def test_an_account_is_neither_a_result_nor_an_argument(code: str, write: Write) -> None:
    with pytest.raises(CatalogueError, match="Account"):
        Desk.open(write(who_am_i=code.replace('len("github", scopes=["repo"])', '"an argument"')))


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"provider": "Git Hub"}, "is not the slug of a provider"),
        ({"provider": None}, "is not the slug of a provider"),
        ({"provider": "github", "owner": "team"}, 'must be "user" or "organization"'),
        ({"provider": "github", "scopes": "repo"}, r"write scopes=\['repo'\]"),
        ({"provider": "github", "scopes": ["repo", " "]}, "texts without spaces"),
        ({"provider": "github", "scopes": [7]}, "texts without spaces"),
    ],
)
def test_a_wrong_declaration_stops_the_start(given: dict[str, Any], error: str) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        connected(**given)


def test_an_account_of_a_test_needs_no_network() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"sent": request.headers["authorization"]})

    async def scenario() -> Any:
        account = Account("github", SecretStr("gho_1"), scopes=["repo"], transport=httpx2.MockTransport(answer))
        await account.refresh()
        sent = (await account.http.get("https://api.github.com/user")).json()
        await account.close()
        await Account("github", "gho_1").close()
        return account, sent

    account, sent = asyncio.run(scenario())
    assert sent == {"sent": "Bearer gho_1"}
    assert (account.scopes, account.expires_at, account.owner, account.provider) == (
        {"repo"},
        None,
        "user",
        "github",
    )
    assert repr(account) == "Account('github', owner='user')"
    assert issubclass(AccountNotConnected, Exception)


def test_outside_of_a_request_there_are_no_accounts() -> None:
    with pytest.raises(NoSession, match="pass an account"):
        find_pipes()
    with pytest.raises(NoSession):
        asyncio.run(get_connections(make_session()))


@pytest.mark.parametrize("session", [make_session(is_machine=True), make_session(api_key_owner="organization")])
def test_programs_without_a_user_have_none(session: Any) -> None:
    with pytest.raises(NoUser):
        identify_account(session, "github", "user")
    with pytest.raises(NoUser):
        asyncio.run(get_connections(session))


def test_a_users_key_has_the_accounts_of_its_user() -> None:
    session = make_session(api_key_owner="user")

    assert identify_account(session, "github", "user").user_id == session.user_id
