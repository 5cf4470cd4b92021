"""Questions to the user: what is asked, what the answers become, and what a client that cannot ask is told."""

from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from app.access.quota_rules import QuotaRules
from app.protocol.catalogue.definition import CatalogueError
from tests.access.world import CALLERS, running
from tests.catalogues import asking
from tests.catalogues.asking import questions
from tests.log import Log
from tests.packages import Write
from tests.protocol.asking import CANCEL, DECLINE, VISITED, Conversation, accept
from tests.quota import MemoryTable
from tests.rig import HANDSHAKE_VERSIONS, SETTINGS, Rig

NEEDS = "That needs a client of protocol version 2026-07-28 which declares the capability elicitation"
UNASKED = f"This tool has to ask its user. {NEEDS}.form."


def unasked(version: str, *, word: str = "tool", mode: str = "form") -> str:
    """What a client of the 2025 era is told: it may declare what it likes, its protocol needs a session."""
    why = f"Protocol version {version} asks within a session, which this server does not have"
    return f"This {word} has to ask its user. {why}: use {NEEDS.removeprefix('That needs ')}.{mode}."


@pytest.fixture
def rig() -> Rig:
    return Rig(tools=asking)


@pytest.fixture(autouse=True)
def done() -> list[str]:
    """What tools really did."""
    questions.DONE.clear()
    return questions.DONE


def test_a_question_is_asked_before_anything_is_done(rig: Rig, done: list[str]) -> None:
    call = Conversation(rig, "purge", {"target": "file"})

    (question,) = call.asked()

    assert question == {
        "mode": "form",
        "message": "Purge file?",
        "requestedSchema": {
            "type": "object",
            "properties": {"really": {"type": "boolean", "title": "Really"}},
            "required": ["really"],
        },
    }
    assert done == []
    assert call.says(accept(really=True)) == "file purged"
    assert done == ["file True"]


def test_the_answer_is_the_users(rig: Rig) -> None:
    call = Conversation(rig, "purge", {"target": "file"})
    call.asked()

    assert call.says(accept(really=False)) == "file kept"


def test_one_question_after_the_other_takes_a_round_trip_each(rig: Rig) -> None:
    call = Conversation(rig, "order")

    assert [question["message"] for question in call.asked()] == ["For whom?"]
    assert [question["message"] for question in call.asked(accept(name="Ada"))] == ["Which pizza, Ada?"]
    assert call.says(accept(size="l", extras=["capers"], slices=8)) == "LARGE for Ada with ['capers'], 8"


@pytest.mark.parametrize("tool", ["both", "gathered"])
def test_questions_that_are_put_together_are_asked_together(rig: Rig, tool: str) -> None:
    call = Conversation(rig, tool)

    assert [question["message"] for question in call.asked()] == ["For whom?", "Sure?"]
    assert call.says(accept(name="Ada"), accept(really=True)) == "Ada True"


def test_of_questions_that_were_asked_together_the_one_without_an_answer_is_asked_again(rig: Rig) -> None:
    call = Conversation(rig, "both")
    call.asked()

    (question,) = call.asked(accept(name="Ada"))

    assert question["message"] == "Sure?"
    assert call.says(accept(really=True)) == "Ada True"


def test_the_same_question_can_be_put_again(rig: Rig) -> None:
    call = Conversation(rig, "again")
    call.asked()
    call.asked(accept(really=False))
    call.asked(accept(really=False))

    assert call.says(accept(really=True)) == "after 3"


@pytest.mark.parametrize("tool", ["careless", "reckless", "grouped", "deep"])
def test_whatever_the_function_catches_the_question_is_asked(rig: Rig, tool: str) -> None:
    call = Conversation(rig, tool)
    call.asked()

    assert call.says(accept(name="Ada")) == "Ada"


def test_a_dependency_may_ask(rig: Rig) -> None:
    call = Conversation(rig, "below")
    call.asked()

    assert call.says(accept(really=True)) == "True"


def test_a_question_whose_answer_nobody_waits_for_is_a_mistake_of_the_author(rig: Rig, log: Log) -> None:
    result = Conversation(rig, "forgetful").send()

    assert result["isError"]
    assert "await ask(...)" in log("tool raised")[0]["exception"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (DECLINE, "The user was asked, and said no."),
        (CANCEL, "The user was asked, and closed the question without an answer."),
    ],
)
def test_no_answer_ends_the_call_with_a_result_that_says_so(
    rig: Rig, answer: dict[str, Any], said: str, done: list[str]
) -> None:
    call = Conversation(rig, "purge", {"target": "file"})
    call.asked()

    result = call.send(answer)

    assert (result["content"][0]["text"], result["isError"]) == (said, True)
    assert done == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [(DECLINE, "the user said no"), (CANCEL, "the user said nothing"), (accept(really=True), "yes")],
)
def test_a_tool_can_take_no_for_an_answer(rig: Rig, answer: dict[str, Any], said: str) -> None:
    call = Conversation(rig, "patient")
    call.asked()

    assert call.says(answer) == said


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (accept(), "size: is required"),
        ({"action": "accept"}, "size: is required"),
        (accept(size="x"), "size: should be 's' or 'l'"),
        (accept(size="s", slices=13), "slices: should be less than or equal to 12"),
        (accept(size=1), "size: should be 's' or 'l'"),
        (accept(size="s", slices="8"), "slices: should be a whole number"),
        (accept(size="s", extras=["<b>"]), "extras: should be 'olives' or 'capers'"),
        (accept(size="\ud800"), "the answer: Invalid JSON"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_field_and_can_be_given_anew(
    rig: Rig, answer: dict[str, Any], problem: str
) -> None:
    call = Conversation(rig, "order")
    call.asked()
    call.asked(accept(name="Ada"))

    result = call.send(answer)

    text = result["content"][0]["text"]
    assert text.startswith(f"The user's answer does not fit what was asked for. {problem}")
    assert "<b>" not in text
    assert result["isError"]
    assert call.says(accept(size="s", more="is ignored")) == "SMALL for Ada with [], None"


@pytest.mark.parametrize(
    "responses",
    [
        {},
        {"another": accept(really=True)},
        {"KEY": {"roots": []}},
        {"KEY": {"role": "assistant", "content": {"type": "text", "text": "yes"}, "model": "m"}},
    ],
)
def test_what_is_no_answer_to_the_question_is_ignored_and_the_question_asked_again(
    rig: Rig, responses: dict[str, Any], done: list[str]
) -> None:
    call = Conversation(rig, "purge", {"target": "file"})
    call.asked()
    given = {call.keys[0] if key == "KEY" else key: value for key, value in responses.items()}

    result = call.send(inputResponses=given)

    assert result["resultType"] == "input_required"
    assert done == []


def test_an_answer_before_the_question_does_not_count(rig: Rig, done: list[str]) -> None:
    asked = Conversation(rig, "purge", {"target": "file"})
    asked.asked()
    early = Conversation(rig, "purge", {"target": "file"})

    result = early.send(inputResponses={asked.keys[0]: accept(really=True)})

    assert result["resultType"] == "input_required"
    assert done == []


@pytest.mark.parametrize("responses", [5, [], {"KEY": 5}, {"KEY": {"action": "shout"}}, {"KEY": {}}])
def test_what_can_be_no_answer_at_all_is_an_error(rig: Rig, responses: Any) -> None:
    call = Conversation(rig, "purge", {"target": "file"})
    call.asked()
    given = {call.keys[0]: responses["KEY"]} if isinstance(responses, dict) else responses

    status, code, _ = call.error(inputResponses=given)

    assert (status, code) == (400, -32602)


@pytest.mark.parametrize("version", HANDSHAKE_VERSIONS)
@pytest.mark.parametrize(("tool", "mode"), [("purge", "form"), ("connect", "url")])
def test_the_2025_era_is_told_that_its_protocol_cannot_ask_here_and_which_client_can(
    rig: Rig, version: str, tool: str, mode: str, done: list[str]
) -> None:
    arguments = {"target": "file"} if tool == "purge" else {}
    declared: dict[str, Any] = {"elicitation": {"form": {}, "url": {}}}
    result = Conversation(rig, tool, arguments, version=version, capabilities=declared).send()

    assert (result["content"][0]["text"], result["isError"]) == (unasked(version, mode=mode), True)
    assert done == []


@pytest.mark.parametrize("capabilities", [{}, {"sampling": {}}, {"elicitation": {"url": {}}}])
def test_a_client_that_cannot_ask_is_told_the_capability_that_it_lacks(
    rig: Rig, capabilities: dict[str, Any], done: list[str]
) -> None:
    call = Conversation(rig, "purge", {"target": "file"}, capabilities=capabilities)

    assert call.error() == (400, -32021, UNASKED)
    assert call.answer.json["error"]["data"] == {"requiredCapabilities": {"elicitation": {"form": {}}}}
    assert done == []


def test_an_empty_capability_means_forms(rig: Rig) -> None:
    assert Conversation(rig, "purge", {"target": "file"}, capabilities={"elicitation": {}}).asked()


@pytest.mark.parametrize("options", [{"version": "2025-11-25"}, {"capabilities": {}}])
def test_an_author_declares_what_happens_instead(rig: Rig, options: dict[str, Any]) -> None:
    assert Conversation(rig, "lenient", **options).says() == "False"
    assert Conversation(rig, "firm", **options).says() == "Do it in the web application."
    assert Conversation(rig, "connect_or_say", **options).says() == "Open app.example.com."


def test_what_happens_instead_does_not_happen_to_a_client_that_can_ask(rig: Rig) -> None:
    call = Conversation(rig, "lenient")
    call.asked()

    assert call.says(accept(really=True)) == "True"


def test_a_state_is_nothing_to_the_2025_era(rig: Rig, done: list[str]) -> None:
    call = Conversation(rig, "purge", {"target": "file"})
    call.asked()
    call.version = "2025-11-25"

    assert call.says(accept(really=True)) == unasked("2025-11-25")
    assert done == []


def test_a_page_is_visited_for_what_no_client_may_see(rig: Rig, done: list[str]) -> None:
    call = Conversation(rig, "connect")

    (page,) = call.asked()
    done.append("anything")

    url = "https://app.example.com/connect/ticket-0"
    assert page == {"mode": "url", "message": "Enter your key there.", "url": url}
    assert call.says(VISITED) == "been at ticket-0"


def test_nobody_is_sent_to_a_page_who_does_not_want_to(rig: Rig) -> None:
    call = Conversation(rig, "connect")
    call.asked()

    assert call.says(DECLINE) == "The user was asked, and said no."


def test_a_client_that_cannot_open_pages_is_told_so(rig: Rig) -> None:
    call = Conversation(rig, "connect", capabilities={"elicitation": {"form": {}}})

    assert call.error() == (400, -32021, f"This tool has to ask its user. {NEEDS}.url.")


def test_a_page_without_tls_is_a_mistake_of_the_author(rig: Rig, log: Log) -> None:
    assert Conversation(rig, "astray").send()["isError"]
    assert "the URL of ask.visit must use https" in log("tool raised")[0]["exception"]


def test_what_is_kept_is_made_once(rig: Rig, done: list[str]) -> None:
    call = Conversation(rig, "keeping")
    call.asked()
    done.append("anything")

    assert call.says(accept(really=True)) == "1 first"
    assert done == ["made", "anything"]


def test_more_than_should_travel_is_not_kept(rig: Rig) -> None:
    Conversation(rig, "hoarding", {"size": 60_000}).asked()

    said = Conversation(rig, "hoarding", {"size": 65_536}).says()

    assert said == "What would have to be remembered until the next answer is more than 64 KiB."


def test_the_record_says_that_the_user_was_asked(rig: Rig, log: Log) -> None:
    call = Conversation(rig, "purge", {"target": "file"})
    call.asked()
    call.says(accept(really=True))

    assert [(line["outcome"], line["arguments"]) for line in log("exchange")] == [
        ("asked", {"target": "file"}),
        ("ok", {"target": "file"}),
    ]


def test_answers_never_reach_the_log(rig: Rig, log: Log) -> None:
    call = Conversation(rig, "order")
    call.asked()
    call.asked(accept(name="Countess"))
    call.says(accept(size="Countess"))

    assert "Countess" not in str(log())


def test_access_is_decided_anew_with_each_round_trip(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(monkeypatch, asking) as world:
        call = Conversation(world.rig, "guarded", who={**CALLERS["ada"], "roles": ["admin"]})
        call.asked()
        call.who = {**CALLERS["ada"], "roles": ["member"]}

        assert call.error(accept(really=True))[1:] == (
            -32602,
            "There is no such tool. tools/list names those that exist.",
        )


def test_every_round_trip_counts_in_the_quota() -> None:
    rules, table = QuotaRules(table="calls", per_user=2), MemoryTable()
    limited = Rig(replace(SETTINGS, quota=rules), tools=asking, table=lambda name: table)
    call = Conversation(limited, "order")
    call.asked()
    call.asked(accept(name="Ada"))

    assert "You have used the 2 calls" in call.says(accept(size="s"))


PROMPT = """
from pydantic import BaseModel
from app.authoring import CurrentAsk
from app.authoring import prompt

class Context(BaseModel):
    context: str

@prompt()
async def brief(ask: CurrentAsk) -> str:
    \"\"\"Ask for the context.\"\"\"
    return (await ask("Which context?", Context)).context
"""
RESOURCE = PROMPT.replace("app.authoring import prompt", "app.authoring import resource").replace(
    "@prompt()", '@resource("test://brief")'
)


def asked_and_answered(rig: Rig, method: str, name: str) -> Any:
    call = Conversation(rig, name, method=method)
    assert call.asked()[0]["message"] == "Which context?"
    return call.send(accept(context="the engine"))


def test_prompts_and_resources_ask_as_tools_do(write: Write) -> None:
    rig = Rig(tools=asking, prompts=write(brief=PROMPT), resources=write(brief=RESOURCE))

    prompt = asked_and_answered(rig, "prompts/get", "brief")
    resource = asked_and_answered(rig, "resources/read", "test://brief")

    assert prompt["messages"][0]["content"]["text"] == "the engine"
    assert resource["contents"][0]["text"] == "the engine"


def test_prompts_and_resources_cannot_ask_in_the_2025_era(write: Write) -> None:
    rig = Rig(tools=asking, prompts=write(brief=PROMPT), resources=write(brief=RESOURCE))

    asked = [("prompts/get", "brief", "prompt"), ("resources/read", "test://brief", "resource")]
    for method, name, word in asked:
        call = Conversation(rig, name, method=method, version="2025-11-25")
        assert call.error() == (200, -32602, unasked("2025-11-25", word=word))


@pytest.mark.parametrize("state", ["[]", "5", '"text"', "no json", '{"other": 1}', "null"])
def test_a_state_that_another_release_wrote_begins_anew(state: str, write: Write) -> None:
    # The same name with another code: as after a deployment between two round trips.
    settings = replace(SETTINGS, request_state_keys=(b"k" * 32,))
    old = write(
        deep=f"""
from mcp_types import InputRequiredResult
from app.authoring import tool

@tool()
async def deep() -> str | InputRequiredResult:
    \"\"\"Ask in a way of its own.\"\"\"
    return InputRequiredResult(request_state={state!r})
"""
    )
    before = Conversation(Rig(settings, tools=old), "deep")
    assert before.send()["resultType"] == "input_required"

    after = Conversation(Rig(settings, tools=asking), "deep", state=before.state)

    assert after.asked()[0]["message"] == "For whom?"


def test_a_function_that_cannot_wait_is_refused_at_the_start(write: Write) -> None:
    package: ModuleType = write(
        hasty="""
from pydantic import BaseModel
from app.authoring import CurrentAsk
from app.authoring import tool

class Sure(BaseModel):
    sure: bool

@tool()
def hasty(ask: CurrentAsk) -> str:
    \"\"\"Ask in a sync function.\"\"\"
    ask("Sure?", Sure)
    return "done"
"""
    )

    with pytest.raises(CatalogueError, match=r"hasty\.py: tool hasty asks its user .* write async def"):
        Rig(tools=package)


def test_a_completion_cannot_ask(write: Write) -> None:
    package = write(
        greet="""
from typing import Annotated
from pydantic import BaseModel
from app.authoring import CurrentAsk
from app.authoring import Complete
from app.authoring import prompt

class Sure(BaseModel):
    sure: bool

async def names(prefix: str, ask: CurrentAsk) -> list[str]:
    await ask("Sure?", Sure)
    return ["Ada"]

@prompt()
async def greet(name: Annotated[str, Complete(names)]) -> str:
    \"\"\"Greet somebody.\"\"\"
    return name
"""
    )
    ref = {"type": "ref/prompt", "name": "greet"}
    params = {"ref": ref, "argument": {"name": "name", "value": "A"}}

    answer = Rig(tools=asking, prompts=package).exchange("completion/complete", params)

    assert (answer.status, answer.json["error"]["code"]) == (400, -32021)
