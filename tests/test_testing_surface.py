"""The client with which a team tests its tools: who calls, what they see, what they are asked, what is refused."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import pytest

from app.access.cache import CACHE_SECONDS
from app.application import create_app
from app.authoring import CurrentSession
from app.authoring.testing import (
    CANNOT,
    Answers,
    BlockingCaller,
    CallAs,
    CallFailed,
    Cancelled,
    Declined,
    NoAnswerPrepared,
    NoProvider,
    ProtocolVersion,
    Who,
    as_machine,
    as_user,
    client,
    provide,
)
from infra.local.testing.plugin import connect as connect_to_project
from infra.local.testing.server import FORGETTING_SECONDS, PROJECT_SERVER, LocalServer
from tests.blocks import ROOT
from tests.catalogues.caller import prompts, resources, tools
from tests.catalogues.caller.tools.tools import Confirmation, Name, get_greeting
from tests.team import FIXTURES

VERSIONS = get_args(ProtocolVersion)
SERVER = LocalServer(
    FIXTURES / "seed.toml", partial(create_app, tools=tools, prompts=prompts, resources=resources)
)
"""Tools and people of the tests, because a team changes those of the project."""
ADA, ENGINES, COMPILERS = (
    "user_01LOCALADALOVELACE0000000",
    "org_01LOCALANALYTICALENGINES00",
    "org_01LOCALCOMPILERWORKS000000",
)


@pytest.fixture(autouse=True)
def server() -> Iterator[None]:
    before = provide(SERVER.connect)
    yield
    provide(before)


# Who calls, and what they may see.


@pytest.mark.parametrize(
    ("who", "user", "organization"),
    [
        (as_user(), "user_01TEST", "org_01TEST"),
        (as_user(organization=None), "user_01TEST", None),
        (as_user(organization="org_1"), "user_01TEST", "org_1"),
        (as_user(organization="Engines of mine"), "user_01TEST", "org_01TEST"),
        (as_user(organization="Compiler Works"), "user_01TEST", COMPILERS),
        (as_user("ada@example.com"), ADA, ENGINES),
        (as_user("Ada Lovelace"), ADA, ENGINES),
        (as_user(ADA, organization=None), ADA, None),
        (as_user("ada@example.com", organization="Compiler Works"), ADA, COMPILERS),
        (as_user("alan@example.com"), "user_01LOCALALANTURING00000000", None),
        (as_machine(), "client_01TESTMACHINE", "org_01TEST"),
        (as_machine(organization="Compiler Works"), "client_01TESTMACHINE", COMPILERS),
        (as_machine("Nightly Import"), "client_01LOCALMACHINE00000000000", ENGINES),
    ],
)
@pytest.mark.matrix
def test_a_caller_is_who_the_test_says(who: Who, user: str, organization: str | None, call_as: CallAs) -> None:
    caller = call_as(who).call("who")

    assert (caller["user_id"], caller["organization_id"]) == (user, organization)


GUARDED = {"by_permission", "by_role", "by_flag", "by_flag_of_user", "by_scope", "by_machine"}
ALLOWED: dict[str, tuple[Who, set[str]]] = {
    "a person": (as_user(), set()),
    "permission": (as_user(permissions={"reports:write"}), {"by_permission"}),
    "another permission": (as_user(permissions={"reports:read"}), set()),
    "seeded role": (as_user(role="admin"), {"by_permission", "by_role"}),
    "role without its permissions": (as_user(role="admin", permissions=()), {"by_role"}),
    "unknown role": (as_user(role="cook"), set()),
    "role of another organisation": (as_user(role="org-auditor"), set()),
    "flags": (as_user(flags={"report-export", "early-access"}), {"by_flag", "by_flag_of_user"}),
    "flag without an organisation": (as_user(flags={"early-access"}, organization=None), {"by_flag_of_user"}),
    "scope": (as_user(scopes={"reports:read"}), {"by_scope"}),
    "ada": (as_user("ada@example.com"), {"by_permission", "by_role", "by_flag"}),
    "ada, with less": (as_user("ada@example.com", permissions=(), flags=()), {"by_role"}),
    "ada elsewhere": (as_user("ada@example.com", organization="Compiler Works"), set()),
    "hedy of two roles": (as_user("hedy@example.com", permissions={"reports:write"}), {"by_permission"}),
    "alan, active again": (
        as_user("alan@example.com", organization="Compiler Works", role="admin"),
        {"by_role", "by_permission"},
    ),
    "grace": (as_user("grace@example.com"), {"by_flag", "by_flag_of_user"}),
    "machine": (as_machine(), {"by_machine"}),
    "machine with a scope": (as_machine(scopes={"reports:read"}), {"by_machine", "by_scope"}),
    "seeded machine": (as_machine("Nightly Import"), {"by_machine", "by_scope", "by_flag"}),
    "seeded machine, with less": (as_machine("Nightly Import", scopes=(), flags=()), {"by_machine"}),
}


@pytest.mark.matrix
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("who", ALLOWED)
def test_a_caller_has_what_the_test_says(who: str, version: ProtocolVersion, call_as: CallAs) -> None:
    described, allowed = ALLOWED[who]
    caller = call_as(described, protocol=version)

    assert {name for name in GUARDED if may_call(caller, name)} == allowed
    # A tool that lacks a scope alone is listed: the client can ask its user for the scope.
    assert GUARDED & {*caller.tools()} == allowed | {"by_scope"}


def may_call(caller: BlockingCaller, tool: str) -> bool:
    try:
        return bool(caller.call(tool) == "done")
    except CallFailed:
        return False


def test_what_requires_a_permission_is_hidden_and_allowed(call_as: CallAs) -> None:
    assert call_as(as_user(permissions={"reports:write"})).call("by_permission") == "done"
    assert "by_permission" not in call_as(as_user()).tools()


def test_a_token_has_what_the_jwt_template_of_the_seed_adds(tmp_path: Path, call_as: CallAs) -> None:
    text = (FIXTURES / "seed.toml").read_text()
    (tmp_path / "seed.toml").write_text(text.replace("claims = []", 'claims = ["role"]'))
    without = call_as(as_user(role="admin")).call("who")
    provide(replace(SERVER, seed_file=tmp_path / "seed.toml").connect)

    assert (without["roles"], call_as(as_user(role="admin")).call("who")["roles"]) == ([], ["admin"])


UNKNOWN: list[tuple[Callable[[], Who], str]] = [
    (lambda: as_user("eve@example.com"), "no person 'eve@example.com'; it has ada@example.com, grace@"),
    (lambda: as_machine("Robot"), "no machine 'Robot'; it has Nightly Import, Audit Export"),
    (
        lambda: as_user("ada@example.com", organization="Engine"),
        "no organisation 'Engine'; it has Analytical Engines,",
    ),
    (
        lambda: as_user(organization=None, permissions={"a"}),
        "a role and its permissions belong to an organisation",
    ),
    (lambda: as_user("alan@example.com", role="admin"), "a role and its permissions belong to an organisation"),
    (lambda: as_user(accounts={"linear"}), "no data provider 'linear'; it has github, notion, slack"),
    (lambda: as_user(organization=None, accounts={"slack"}), "an organisation shares its account at slack"),
]


@pytest.mark.matrix
@pytest.mark.parametrize(("who", "why"), UNKNOWN, ids=range(len(UNKNOWN)))
def test_who_is_not_in_the_seed_file_is_the_tests_mistake(
    who: Callable[[], Who], why: str, call_as: CallAs
) -> None:
    with pytest.raises(ValueError, match=why):
        call_as(who())


def test_one_text_is_not_a_set_of_permissions() -> None:
    with pytest.raises(TypeError, match=r"permissions='a:b' is one text; write permissions=\{\"a:b\"\}"):
        as_user(permissions="a:b")


# What a call gives.


def test_a_call_gives_the_structured_result_or_the_text(call_as: CallAs) -> None:
    caller = call_as(as_user())

    assert caller.call("numbers", tool=4) == [4]
    assert caller.call("who")["roles"] == []
    assert caller.call("picture") == "a line\n"
    assert caller.call_tool("picture").content[1].type == "image"


@pytest.mark.matrix
@pytest.mark.parametrize("version", VERSIONS)
def test_a_failure_is_raised_with_what_the_caller_reads(version: ProtocolVersion, call_as: CallAs) -> None:
    caller = call_as(as_user(), protocol=version)

    with pytest.raises(CallFailed, match=r"^This is not possible\.$") as told:
        caller.call("fails", kind="told")
    with pytest.raises(CallFailed, match="The tool failed unexpectedly") as untold:
        caller.call("fails", kind="untold")
    with pytest.raises(CallFailed, match="There is no such tool") as unknown:
        caller.call("by_permission")
    with pytest.raises(CallFailed, match="kind"):
        caller.call("fails")
    assert caller.call_tool("fails", {"kind": "told"}).is_error
    assert "secret" not in str(untold.value)
    assert (str(untold.value.__cause__), told.value.__cause__) == ("a secret", None)
    assert [told.value.code, untold.value.code, unknown.value.code] == [None, None, -32602]


@pytest.mark.matrix
@pytest.mark.parametrize("version", VERSIONS)
def test_a_refused_token_is_raised_with_its_reason(version: ProtocolVersion, call_as: CallAs) -> None:
    settings = {"REQUIRED_SCOPES": "reports:read"}
    with pytest.raises(CallFailed, match=r"^insufficient_scope: .*\(scope: .*reports:read.*\)$") as refused:
        call_as(as_user(), settings=settings, protocol=version).tools()

    assert refused.value.code == 403
    assert call_as(as_user(scopes={"reports:read"}), settings=settings, protocol=version).tools()


def test_a_machine_is_refused_as_a_deployment_refuses_it_by_default(call_as: CallAs) -> None:
    with pytest.raises(CallFailed, match=r"^invalid_token: ") as refused:
        call_as(as_machine(), settings={"ALLOW_MACHINE_TOKENS": "false"}).tools()

    assert refused.value.code == 401


def test_prompts_and_resources_are_as_the_caller_sees_them(call_as: CallAs) -> None:
    person, planner = call_as(as_user()), call_as(as_user(permissions={"plans:write"}))

    assert (person.prompts(), planner.prompts()) == (["plan"], ["plan", "secret_plan"])
    assert person.resources() == ["book://index", "book://{page}"]
    assert planner.resources() == ["book://index", "book://secret", "book://{page}"]
    assert person.prompt("plan", day="Monday") == ["Plan Monday.", "Gladly."]
    assert (person.read("book://index"), person.read("book://2")) == ("1 to 9", "Mg==")
    with pytest.raises(CallFailed):
        person.prompt("secret_plan")


def test_a_list_of_several_pages_is_whole(call_as: CallAs) -> None:
    whole = call_as(as_user()).tools()
    provide(LocalServer(SERVER.seed_file, partial(create_app, tools=tools, page_size=3)).connect)

    assert call_as(as_user()).tools() == whole


# What the user is asked.


ANSWERS: dict[str, Answers] = {
    "list": [Name(name="Ada"), {"really": True}],
    "parts of the questions": {"Order for Ada": Confirmation(really=True), "whom": {"name": "Ada"}},
    "function": lambda question: {"name": "Ada"} if question == "For whom?" else Confirmation(really=True),
}


@pytest.mark.matrix
@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS)
def test_questions_are_answered(answers: Answers, call_as: CallAs) -> None:
    caller = call_as(as_user(), answers=answers)

    assert caller.call("order") == "Ada True"
    assert caller.questions == ["For whom?", "Order for Ada?"]


@pytest.mark.matrix
@pytest.mark.parametrize(
    "answers",
    [(), [Name(name="Ada")], {"whom": Name(name="Ada")}, lambda question: None],
    ids=["none", "too few", "another question", "a function without one"],
)
def test_a_question_without_an_answer_ends_the_test_at_once(answers: Answers, call_as: CallAs) -> None:
    caller = call_as(as_user(), answers=answers)

    with pytest.raises(
        NoAnswerPrepared, match=r"^the user was asked '.+', and the test has no answer: give answers="
    ):
        caller.call("order")


def test_the_user_may_say_no_or_nothing(call_as: CallAs) -> None:
    for answer, text in ((Declined("no"), "said no"), (Cancelled("closed"), "closed the question")):
        with pytest.raises(CallFailed, match=text):
            call_as(as_user(), answers=[answer]).call("cancel")


@pytest.mark.matrix
@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_that_cannot_ask_gets_the_otherwise(version: ProtocolVersion, call_as: CallAs) -> None:
    assert call_as(as_user(), answers=CANNOT, protocol=version).call("cancel") == "False"


def test_the_user_visits_a_page_or_does_not(call_as: CallAs) -> None:
    assert call_as(as_user(), answers=[{}]).call("connect") == "connected"
    with pytest.raises(CallFailed, match="Open it yourself"):
        call_as(as_user(), answers=CANNOT).call("connect")


# What surrounds it.


def test_a_dependency_is_replaced_as_in_fastapi(call_as: CallAs) -> None:
    def read_greeting(who: CurrentSession) -> str:
        return f"Good evening, {who.user_id}"

    evening = call_as(as_user(), overrides={get_greeting: read_greeting})

    assert evening.call("greeting") == "Good evening, user_01TEST"
    assert call_as(as_user()).call("greeting") == "Good morning"


def test_an_async_test_has_the_same(call_as: CallAs) -> None:
    async def scenario() -> None:
        async with client(as_user(permissions={"plans:write"}), answers=[{"really": True}]) as caller:
            assert "who" in await caller.tools()
            assert await caller.call("numbers", tool=1) == [1]
            assert await caller.call("cancel") == "True"
            assert await caller.prompts() == ["plan", "secret_plan"]
            assert await caller.prompt("plan", day="today") == ["Plan today.", "Gladly."]
            assert await caller.read("book://index") == "1 to 9"
            assert "book://index" in await caller.resources()
            assert caller.session.protocol_version == "2026-07-28"

    asyncio.run(scenario())


@pytest.mark.parametrize("raised", [AssertionError("mine"), pytest.skip.Exception("mine"), None], ids=str)
def test_what_a_test_raises_beside_a_client_comes_out_as_it_is(raised: BaseException | None) -> None:
    async def scenario() -> None:
        async with client(as_user()) as caller:
            if raised is not None:
                raise raised
            await caller.call("fails", kind="told")

    with pytest.raises(type(raised) if raised else CallFailed) as caught:
        asyncio.run(scenario())
    assert raised in (None, caught.value)


def test_a_test_that_is_cancelled_beside_a_client_ends_at_once() -> None:
    async def scenario() -> None:
        async with asyncio.timeout(None) as limit, client(as_user()) as caller:
            limit.reschedule(0)
            await caller.session.send_ping()

    with pytest.raises(TimeoutError):
        asyncio.run(scenario())


def test_two_callers_at_once_stay_apart() -> None:
    async def scenario() -> list[Any]:
        async with client(as_user("ada@example.com")) as ada, client(as_user()) as person:
            return [
                each["user_id"] for each in await asyncio.gather(*(who.call("who") for who in (ada, person, ada)))
            ]

    assert asyncio.run(scenario()) == [ADA, "user_01TEST", ADA]


def test_what_one_client_changed_in_workos_no_other_sees(call_as: CallAs) -> None:
    first, second = call_as(as_user("ada@example.com")), call_as(as_user("ada@example.com"))

    assert [first.call("rename", first_name="Augusta") for _ in range(2)] == ["Ada", "Augusta"]
    assert second.call("rename", first_name="Augusta") == "Ada"


def test_a_client_does_not_meet_what_the_server_remembers_of_the_one_before() -> None:
    server = replace(SERVER)
    provide(server.connect)

    async def see(**rights: Any) -> set[str]:
        async with client(as_user("ada@example.com", **rights)) as caller:
            return GUARDED & {*await caller.tools()}

    async def scenario() -> list[set[str]]:
        return [await see(permissions={"reports:write"}), await see(permissions=(), flags=()), await see()]

    allowed, reduced, seeded = asyncio.run(scenario())
    assert (len(server.idle), FORGETTING_SECONDS > CACHE_SECONDS) == (1, True)
    assert ("by_permission" in allowed, "by_permission" in reduced, "by_flag" in reduced) == (True, False, False)
    assert {"by_permission", "by_flag"} <= seeded


def test_no_call_uses_the_network(call_as: CallAs, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise AssertionError("somebody connects")

    # Of Python, not of this project: nothing else sees every way out.
    monkeypatch.setattr(socket.socket, "connect", refuse)

    assert call_as(as_user("ada@example.com")).call("rename", first_name="Augusta") == "Ada"


def test_what_the_server_wants_from_ssm_is_the_tests_to_give(call_as: CallAs) -> None:
    settings = {"WORKOS_API_KEY": "", "WORKOS_API_KEY_PARAMETER": "/mine/key"}

    with pytest.raises(CallFailed):
        call_as(as_user("ada@example.com"), settings=settings).call("rename", first_name="Augusta")


def test_a_wrong_setting_is_named(call_as: CallAs) -> None:
    with pytest.raises(Exception, match="REQUIRE_ORGANIZATION must be true or false"):
        call_as(as_user(), settings={"REQUIRE_ORGANIZATION": "perhaps"})


def test_outside_of_this_projects_tests_a_client_says_what_it_lacks() -> None:
    provide(None)

    with pytest.raises(NoProvider, match=r"run the test with pytest in this repository, whose tests/conftest\.py"):
        client(as_user())


def test_without_another_provider_the_server_is_the_projects(call_as: CallAs) -> None:
    provide(connect_to_project)

    caller = call_as(as_user())
    assert (type(caller.tools()), type(caller.prompts()), type(caller.resources())) == (list, list, list)
    assert PROJECT_SERVER.seed_file == ROOT / "infra/local/seed.toml"


def test_a_server_without_prompts_and_resources_has_empty_lists(call_as: CallAs) -> None:
    provide(LocalServer(SERVER.seed_file, partial(create_app, tools=tools, prompts=[], resources=[])).connect)

    assert (call_as(as_user()).prompts(), call_as(as_user()).resources()) == ([], [])
