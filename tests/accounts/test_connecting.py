"""A call that needs an account sends its user to connect it, and goes on when WorkOS has it."""

import re
from typing import Any

import pytest

from app.authoring.account import MAX_REMINDERS
from tests.access.world import ADA, ENGINES
from tests.accounts.desk import CONNECTED, TOOL, Desk
from tests.log import Log
from tests.packages import Write
from tests.protocol.asking import CANCEL, DECLINE, VISITED, accept
from tests.rig import ERAS

URL_ALONE: dict[str, Any] = {"elicitation": {"url": {}}}
FORMS_ALONE: dict[str, Any] = {"elicitation": {"form": {}}}
PAGE = r"http://127\.0\.0\.1/pipes/confirm\?state=[\w-]+"
NOT_CONNECTED = "GitHub is not connected for you."
HOW = f"{NOT_CONNECTED} Open this address in your browser to connect it, then call again: ({PAGE})"
NOT_SET_UP = "This needs an account at another service, which this server is not set up for."


def test_a_connected_account_is_used_without_a_question(desk: Desk) -> None:
    token = desk.connect()

    assert desk.begin().says() == "ada-l"
    assert [request.headers["authorization"] for request in desk.sent] == [f"Bearer {token}"]


def test_the_user_is_sent_to_workos_and_the_call_goes_on(desk: Desk) -> None:
    call = desk.begin()

    (page,) = call.asked()
    assert re.fullmatch(PAGE, page["url"])
    assert page["message"] == (
        f"{NOT_CONNECTED} Connect it on the page of WorkOS, which shows to whose account it will be connected."
    )
    assert desk.browse(page["url"]) == CONNECTED
    assert call.says(VISITED) == "ada-l"


def test_the_user_chooses_the_account_on_the_providers_page(desk: Desk) -> None:
    call = desk.begin()
    (page,) = call.asked()
    desk.browse(page["url"], login="ghopper")

    assert call.says(VISITED) == "ghopper"


def test_who_has_not_finished_is_asked_and_the_clients_word_counts_for_nothing(desk: Desk) -> None:
    call = desk.begin()
    (page,) = call.asked()

    (reminder,) = call.asked(VISITED)
    assert reminder["message"] == (
        f"{NOT_CONNECTED} Finish in your browser, and continue here when the page says that you can close it."
    )
    call.asked(accept())
    desk.browse(page["url"])
    assert call.says(accept()) == "ada-l"
    assert desk.questions_to_workos.count("/data-integrations/github/authorize") == 1


def test_a_client_that_agrees_to_everything_does_not_go_on_for_ever(desk: Desk) -> None:
    call = desk.begin()
    call.asked()
    call.asked(VISITED)
    for _ in range(MAX_REMINDERS - 1):
        call.asked(accept())

    assert call.says(accept()) == "GitHub is not connected for you. GitHub can still be connected: call again."


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (DECLINE, "The user was asked, and said no."),
        (CANCEL, "The user was asked, and closed the question without an answer."),
    ],
)
def test_a_user_who_does_not_want_to_ends_the_call(answer: dict[str, Any], said: str, desk: Desk) -> None:
    call = desk.begin()
    call.asked()

    assert call.says(answer) == said


@pytest.mark.parametrize("version", ERAS)
def test_a_client_that_cannot_be_asked_reads_the_address(version: str, desk: Desk) -> None:
    said = desk.begin(version=version, capabilities={}).says()

    found = re.fullmatch(HOW, said)
    assert found is not None, said
    desk.browse(found[1])
    assert desk.begin(version=version, capabilities={}).says() == "ada-l"


def test_a_client_with_forms_alone_reads_the_address_too(desk: Desk) -> None:
    assert re.fullmatch(HOW, desk.begin(capabilities=FORMS_ALONE).says())


def test_a_client_without_forms_is_sent_once_and_then_reads_the_same_address(desk: Desk) -> None:
    call = desk.begin(capabilities=URL_ALONE)
    (page,) = call.asked()

    assert call.says(VISITED).endswith(page["url"])


def test_otherwise_is_raised_for_a_client_that_cannot_open_pages(write: Write) -> None:
    code = TOOL.replace('["repo"]', '["repo"], otherwise=ToolError("Connect it in our application.")')
    desk = Desk.open(write(who_am_i=code.replace("import Account", "import Account, ToolError")))

    assert desk.say() == "Connect it in our application."


def test_a_missing_scope_renews_the_very_connection(desk: Desk) -> None:
    first = desk.begin()
    desk.browse(first.asked()[0]["url"], **{"scope:repo": None})
    before = desk.pipes.accounts.find("github", desk.pipes.connect("notion", ADA, ENGINES).owner)

    (page,) = first.asked(VISITED)
    assert page["message"].startswith(
        "GitHub is connected, but this needs a permission that was not given there: repo."
    )
    desk.browse(page["url"])
    assert first.says(VISITED) == "ada-l"
    after = desk.pipes.accounts.find("github", before.owner if before else None)  # type: ignore[arg-type]
    assert before is not None
    assert after is not None
    assert (after.id, after.scopes) == (before.id, ("read:user", "repo"))


def test_an_access_that_workos_lost_is_renewed(desk: Desk) -> None:
    desk.connect()
    desk.pipes.tokens.revoke("github", "ada-l")
    desk.rig.issuer.clock.now += 9 * 3600  # the token has ended, and the provider refuses the refresh token

    call = desk.begin()
    (page,) = call.asked()
    assert page["message"].startswith("Your connection to GitHub has ended, so it has to be connected again.")
    desk.browse(page["url"])
    assert call.says(VISITED) == "ada-l"


def test_an_account_that_was_removed_before_it_is_renewed_is_connected_anew(desk: Desk) -> None:
    desk.answer_token({"active": False, "error": "a_new_reason"})

    (page,) = desk.begin().asked()

    assert desk.browse(page["url"]) == CONNECTED


def test_nobody_is_asked_for_an_account_of_the_organisation(write: Write) -> None:
    code = TOOL.replace('"github", scopes=["repo"]', '"slack", owner="organization"')
    desk = Desk.open(write(who_am_i=code.replace("answer.json()", "dict(login=repr(github))")))

    said = "Slack is not connected for your organisation. An administrator of your organisation has to connect it."
    assert desk.begin().says() == said
    desk.connect("slack")
    assert desk.begin().says() == desk.begin(caller="grace").says() == "Account('slack', owner='organization')"
    assert desk.begin(caller="grace at compilers").says() == said
    assert desk.begin(caller="alan").says().startswith("You are logged in without an organisation.")


def test_each_organisation_of_a_user_has_accounts_of_its_own(desk: Desk) -> None:
    desk.connect(user="user_01LOCALGRACEHOPPER0000000")

    assert desk.say(caller="grace") == "ada-l"
    assert re.fullmatch(HOW, desk.say(caller="grace at compilers"))


def test_a_user_without_an_organisation_has_accounts_without_one(desk: Desk) -> None:
    found = re.fullmatch(HOW, desk.say(caller="alan"))
    assert found is not None
    desk.browse(found[1])

    assert desk.say(caller="alan") == "ada-l"


def test_a_machine_gets_a_clear_no(write: Write) -> None:
    code = TOOL.replace("@tool()", "@tool(requires=anyone())").replace("import Account", "import Account, anyone")
    desk = Desk.open(write(who_am_i=code))

    assert desk.say(caller="machine").startswith("This tool needs a person.")
    assert desk.questions_to_workos == []


def test_a_provider_that_workos_does_not_know_is_the_operators(write: Write, log: Log) -> None:
    desk = Desk.open(write(who_am_i=TOOL.replace('"github", scopes=["repo"]', '"linear"')))

    assert desk.begin().says().startswith(NOT_SET_UP)
    (line,) = log("WorkOS does not know this provider: connect it in the WorkOS dashboard, Pipes")
    assert (line["level"], line["provider"], line["status"]) == ("ERROR", "linear", 404)


def test_a_provider_that_was_removed_meanwhile_is_the_operators_too(desk: Desk) -> None:
    unknown = {"message": "Data Integration not found: 'github'.", "code": "entity_not_found"}
    desk.api.instead["/data-integrations/github/authorize"] = (404, unknown)

    assert desk.begin().says().startswith(NOT_SET_UP)


def test_a_scope_that_workos_never_asks_for_is_the_operators(write: Write, log: Log) -> None:
    desk = Desk.open(write(who_am_i=TOOL.replace('["repo"]', '["repo", "admin:org"]')))
    desk.connect()

    assert desk.begin().says().startswith(NOT_SET_UP)
    (line,) = log("a tool needs a scope that WorkOS does not ask for: add it in the WorkOS dashboard, Pipes")
    assert (line["level"], line["provider"], line["scopes"]) == ("ERROR", "github", ["admin:org"])


FAILURES: list[tuple[int, object, str]] = [
    (500, {"message": "no"}, "WorkOS has a problem at the moment."),
    (429, {"message": "slow down"}, "WorkOS is asked too often at the moment."),
    (401, {"message": "Unauthorized"}, "WorkOS does not accept this server's API key."),
    (404, b"<html>Not here</html>", "WorkOS has a problem at the moment."),
    (200, {"active": True, "access_token": {}}, "WorkOS has a problem at the moment."),
]


@pytest.mark.matrix
@pytest.mark.parametrize(("status", "body", "said"), FAILURES, ids=[f"{row[0]} {row[2][:20]}" for row in FAILURES])
def test_an_outage_of_workos_is_a_tool_error(status: int, body: object, said: str, desk: Desk) -> None:
    desk.api.instead["/data-integrations/github/token"] = (status, body)

    assert desk.begin().says().startswith(said)


def test_another_users_account_is_never_used(desk: Desk) -> None:
    desk.connect()

    assert desk.say() == "ada-l"
    assert re.fullmatch(HOW, desk.say(caller="grace"))
