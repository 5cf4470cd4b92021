"""Every example tool, called by every seeded kind of caller, against the local WorkOS API."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from infra.local.loopback import LoopbackServer
from infra.local.seed.load import load_seed
from infra.local.workos_api import create_workos_api
from tests.issuer import ABSENT
from tests.protocol.asking import Conversation, accept
from tests.rig import ERAS, SETTINGS, Response, Rig

pytestmark = pytest.mark.matrix

ADA, GRACE, ALAN, KATHERINE = (
    "user_01LOCALADALOVELACE0000000",
    "user_01LOCALGRACEHOPPER0000000",
    "user_01LOCALALANTURING00000000",
    "user_01LOCALKATHERINEJOHNSON00",
)
ENGINES, COMPILERS = "org_01LOCALANALYTICALENGINES00", "org_01LOCALCOMPILERWORKS000000"
MACHINE = "client_01LOCALMACHINE00000000000"

CALLERS: dict[str, dict[str, Any]] = {
    "ada, admin of one": {"sub": ADA, "org_id": ENGINES},
    "grace, at her second": {"sub": GRACE, "org_id": COMPILERS},
    "alan, of none": {"sub": ALAN, "org_id": ABSENT},
    "a machine": {"sub": MACHINE, "client_id": MACHINE, "sid": ABSENT, "org_id": ENGINES},
}
TOOLS: dict[str, dict[str, Any]] = {
    "list_my_organizations": {},
    "rename_me": {"first_name": "Augusta", "last_name": "King"},
    "delete_note": {},
    "keep_note": {"note": "Call Charles"},
    "my_organization": {},
    "search_directory_users": {"text": "allen"},
    "list_directory_groups": {},
    "record_document_view": {"document_id": "doc_1"},
    "list_sso_connections": {},
    "list_members": {},
    "list_reports": {},
    "read_report": {"report_id": "report-q1"},
    "show_reports": {},
    "export_reports": {},
    "my_profile": {},
    "my_access": {},
    "list_my_connections": {},
    "list_my_repositories": {},
    "disconnect": {"provider": "github"},
}
NO_ORGANIZATION = "You may not use this: you need to be logged in to an organisation."
NO_PERMISSION = "you need the permission reports:read and the feature report-export."
NO_TOOL = "There is no such tool."
NOT_CONNECTED = "GitHub is not connected for you. Open this address in your browser"
REFUSED = (NO_ORGANIZATION, NO_PERMISSION, NO_TOOL, NOT_CONNECTED, "You may not use this")
TOLD: dict[str, list[str]] = {
    # tool: what each of the four callers is told, as a piece of the answer; Alan's list is empty
    "list_my_organizations": ["Analytical Engines", "Compiler Works", "", NO_TOOL],
    "rename_me": ["Ada Lovelace", "Grace Hopper", "Alan Turing", NO_TOOL],
    # Before keep_note: in the stack of the real client, what one test keeps the next one finds.
    "delete_note": ["You have no note", "You have no note", "You have no note", NO_TOOL],
    "keep_note": ["Call Charles", "Call Charles", "Call Charles", NO_TOOL],
    "my_organization": ["analytical.example.com", "compiler.example.com", NO_ORGANIZATION, "Analytical Engines"],
    "search_directory_users": ["Allen", '"users": []', NO_ORGANIZATION, "Allen"],
    "list_directory_groups": ["Research", "Everyone", NO_ORGANIZATION, "Research"],
    "record_document_view": ["document.viewed", "document.viewed", NO_ORGANIZATION, "document.viewed"],
    "list_sso_connections": ["OktaSAML", "AzureSAML", NO_TOOL, "OktaSAML"],
    "list_members": [GRACE, KATHERINE, "You may not use this", "You may not use this"],
    "list_reports": ["First quarter", "Compilers shipped", NO_TOOL, "Second quarter"],
    "read_report": ["1,024 Bernoulli numbers", "You may not use this", NO_TOOL, NO_TOOL],
    "show_reports": ["First quarter (report-q1), 6 words", "Compilers shipped (report-c1)", NO_TOOL, NO_TOOL],
    "export_reports": ["card jam", "You may not use this", NO_PERMISSION, "You may not use this"],
    "my_profile": ["ada@example.com", "grace@example.com", "alan@example.com", NO_TOOL],
    "list_my_connections": ["not_connected", "not_connected", "not_connected", NO_TOOL],
    "list_my_repositories": [NOT_CONNECTED, NOT_CONNECTED, NOT_CONNECTED, NO_TOOL],
    "disconnect": ["GitHub is not connected.", "GitHub is not connected.", "GitHub is not connected.", NO_TOOL],
    "my_access": ["members:manage", "reports:write", '"roles": []', '"permissions": []'],
}
ROWS = [(tool, caller, told) for tool, row in TOLD.items() for caller, told in zip(CALLERS, row, strict=True)]


@dataclass
class Late:
    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[LoopbackServer, Late]]:
    late = Late(create_workos_api(load_seed()))
    with LoopbackServer(late) as running:
        yield running, late


@pytest.fixture
def rig(server: tuple[LoopbackServer, Late], monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """A server for people and machines, beside a WorkOS that nobody has changed yet."""
    running, late = server
    late.app = create_workos_api(load_seed())
    monkeypatch.setenv("WORKOS_BASE_URL", running.url)
    settings = replace(SETTINGS, api_key=load_seed().environment.api_key, allow_machine_tokens=True)
    rig = Rig.with_examples(settings)
    yield rig
    rig.close()


def call(rig: Rig, tool: str, caller: str = "ada, admin of one", **arguments: Any) -> Response:
    token = rig.issuer.token(**CALLERS[caller])
    return rig.call(tool, arguments or TOOLS[tool], token=token)


def text(result: Response) -> str:
    return "\n".join(part["text"] for part in result["content"])


@pytest.mark.parametrize(("tool", "caller", "told"), ROWS, ids=[f"{tool} by {caller}" for tool, caller, _ in ROWS])
def test_each_caller_is_told_what_is_theirs(tool: str, caller: str, told: str, rig: Rig) -> None:
    if told == NO_TOOL:
        refusal = rig.refusal(tool, TOOLS[tool], token=rig.issuer.token(**CALLERS[caller]))
        assert refusal.startswith(NO_TOOL)
        return

    result = call(rig, tool, caller)

    assert told in text(result)
    assert result["isError"] is (told in REFUSED)
    assert result["isError"] or result["structuredContent"]


def listed(rig: Rig, version: str = "2026-07-28") -> list[dict[str, Any]]:
    """What an administrator sees."""
    token = rig.issuer.token(**CALLERS["ada, admin of one"])
    tools: list[dict[str, Any]] = rig.exchange("tools/list", version=version, token=token).json["result"]["tools"]
    return tools


def test_the_table_has_every_example(rig: Rig) -> None:
    in_background = {"build_year_report", "get_result", "cancel_work"}  # tests/examples/test_year_report.py
    examples = {tool["name"] for tool in listed(rig)} - {"whoami", "add_working_days"} - in_background

    assert set(TOLD) == set(TOOLS) == examples


def test_no_example_takes_an_organisation_as_argument(rig: Rig) -> None:
    for tool in listed(rig):
        assert not re.search("organi[sz]ation|user_id", " ".join(tool["inputSchema"].get("properties", {})))


@pytest.mark.parametrize("version", ERAS)
def test_every_example_declares_what_it_returns_and_whether_it_changes_anything(version: str, rig: Rig) -> None:
    tools = {tool["name"]: tool for tool in listed(rig, version)}

    changing = {name for name in TOOLS if not tools[name]["annotations"]["readOnlyHint"]}
    assert changing == {"delete_note", "disconnect", "keep_note", "rename_me", "record_document_view"}
    assert all(tools[name]["outputSchema"]["type"] == "object" for name in TOOLS)


def test_a_new_name_is_kept_by_workos(rig: Rig) -> None:
    call(rig, "rename_me")

    again = call(rig, "rename_me", first_name="Ada", last_name="Lovelace")["structuredContent"]
    assert again == {"before": "Augusta King", "after": "Ada Lovelace"}


def test_the_search_reads_all_pages_and_stops_at_its_limit(rig: Rig) -> None:
    everybody = call(rig, "search_directory_users", text="example.com", limit=50)["structuredContent"]
    found = call(rig, "search_directory_users", text="LISKOV", limit=50)["structuredContent"]

    assert (len(everybody["users"]), everybody["complete"]) == (50, False)
    assert (len(found["users"]), found["complete"]) == (10, True)


def test_searches_and_lists_say_when_they_read_enough(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    from examples.tools import list_directory_groups, search_directory_users

    monkeypatch.setattr(search_directory_users, "MAX_ROWS", 20)
    monkeypatch.setattr(list_directory_groups, "MAX_ROWS", 2)

    found = call(rig, "search_directory_users", text="nobody at all")["structuredContent"]
    groups = call(rig, "list_directory_groups")["structuredContent"]
    assert found == {"users": [], "complete": False}
    assert (len(groups["groups"]), groups["complete"]) == (2, False)


def test_grace_sees_both_of_her_organisations_and_which_one_she_is_in(rig: Rig) -> None:
    mine = call(rig, "list_my_organizations", "grace, at her second")["structuredContent"]["result"]

    assert {row["organization_name"]: row["is_current"] for row in mine} == {
        "Analytical Engines": False,
        "Compiler Works": True,
    }


def test_arguments_that_try_to_name_another_organisation_change_nothing(rig: Rig) -> None:
    result = call(rig, "my_organization", organization_id=COMPILERS, organization=COMPILERS)

    assert result["structuredContent"]["id"] == ENGINES


@pytest.mark.parametrize("document_id", ["", "../secret", "a" * 101])
def test_a_document_id_of_another_form_is_refused_before_workos_is_asked(document_id: str, rig: Rig) -> None:
    assert "document_id: should match pattern" in text(call(rig, "record_document_view", document_id=document_id))


@pytest.mark.parametrize(
    ("answer", "said", "left"),
    [
        (accept(really=True), "Your note is deleted.", "You have no note."),
        (accept(really=False), "Your note is still there.", None),
    ],
)
def test_a_note_is_deleted_once_its_user_says_so(
    answer: dict[str, Any], said: str, left: str | None, rig: Rig
) -> None:
    call(rig, "keep_note")
    conversation = Conversation(rig, "delete_note", who=CALLERS["ada, admin of one"])

    (question,) = conversation.asked()
    assert question["message"].startswith('Delete your note "Call Charles"?')
    assert conversation.says(answer) == said
    again = Conversation(rig, "delete_note", who=CALLERS["ada, admin of one"])
    assert (again.says() == left) if left else again.asked()


def test_a_yes_to_one_note_deletes_no_other(rig: Rig) -> None:
    call(rig, "keep_note")
    conversation = Conversation(rig, "delete_note", who=CALLERS["ada, admin of one"])
    conversation.asked()
    call(rig, "keep_note", note="Call Grace")  # of the same length

    said = "Your note is another one than you were asked about. It is still there; call again."
    assert conversation.says(accept(really=True)) == said
    assert call(rig, "keep_note")["structuredContent"]["before"] == "Call Grace"


def test_a_yes_that_is_sent_again_deletes_no_later_note(rig: Rig) -> None:
    call(rig, "keep_note")
    conversation = Conversation(rig, "delete_note", who=CALLERS["ada, admin of one"])
    conversation.asked()
    assert conversation.says(accept(really=True)) == "Your note is deleted."
    call(rig, "keep_note", note="Call Grace")

    assert "It is still there" in conversation.says(accept(really=True))
    assert call(rig, "keep_note")["structuredContent"]["before"] == "Call Grace"


def test_the_question_repeats_the_beginning_of_a_long_note(rig: Rig) -> None:
    call(rig, "keep_note", note="a" * 600)

    (question,) = Conversation(rig, "delete_note", who=CALLERS["ada, admin of one"]).asked()
    assert question["message"] == f'Delete your note "{"a" * 60}..."? Nobody can bring it back.'


def test_a_report_that_workos_knows_and_this_server_does_not_is_said_to_be_missing() -> None:
    from app.authoring import ToolError
    from examples.tools._reports import Report
    from examples.tools.read_report import read_report

    with pytest.raises(ToolError, match="no such report"):
        asyncio.run(read_report("report-q9", (Report(id="report-q1", title="First", text="One."),)))
