"""Whose work it is: other callers hear what they would hear of work that never was."""

from typing import Any

import pytest

from app.access.quota_rules import QuotaRules
from app.protocol.tasks.texts import UNKNOWN
from tests.background import PLAIN, TASKS, BackgroundServer, text
from tests.catalogues import asking
from tests.catalogues.background.tools import reports
from tests.log import Log
from tests.packages import Write
from tests.protocol.asking import Conversation
from tests.quota import MemoryTable
from tests.rig import ERAS, Rig


def ask_as(server: BackgroundServer, handle: str, who: dict[str, Any]) -> list[Any]:
    """Everything that a caller hears of this handle."""
    token = server.issuer.token(**who)
    methods: list[tuple[str, dict[str, Any]]] = [
        ("tasks/get", {}),
        ("tasks/update", {"inputResponses": {}}),
        ("tasks/cancel", {}),
    ]
    answers = [server.ask(name, handle, token=token, **more).json["error"] for name, more in methods]
    for version in ERAS:
        for tool in ("get_result", "cancel_work"):
            answers += [server.rig.call(tool, {"handle": handle}, token=token, version=version)["content"]]
    return answers


@pytest.mark.parametrize(
    ("reason", "who"),
    [
        ("work_caller", {"sub": "user_01MALLORY"}),
        ("work_caller", {"client_id": "client_2"}),
        ("work_caller", {"org_id": "org_02OTHER"}),
        ("work_unreadable", {}),
        ("work_expired", {}),
        ("work_gone", {}),
    ],
)
def test_all_others_are_refused_alike(
    server: BackgroundServer, log: Log, reason: str, who: dict[str, Any]
) -> None:
    handle = server.begin("add_up", {"numbers": [7]})["taskId"]
    never = ask_as(server, "v1.never", {})
    if reason == "work_unreadable":
        handle = f"{handle[:-4]}AAAA"
    if reason == "work_expired":
        server.engine.advance(50 * 3600)
    if reason == "work_gone":
        server.engine.executions.clear()

    assert ask_as(server, handle, who) == never
    assert never[0] == {"code": -32602, "message": UNKNOWN}
    assert never[-1] == [{"type": "text", "text": UNKNOWN}]
    assert {line["reason"] for line in log("exchange")[-7:]} == {reason}


def test_request_state_is_no_handle(server: BackgroundServer) -> None:
    call = Conversation(Rig(server.settings, server.issuer, asking), "purge", {"target": "file"})
    call.asked()
    assert call.state is not None

    assert text(server.rig.call("get_result", {"handle": call.state})) == UNKNOWN


def as_member(server: BackgroundServer, *permissions: str) -> str:
    return server.issuer.token(permissions=list(permissions))


@pytest.mark.parametrize(
    ("tool", "arguments", "permission"),
    [("write_report", {}, "reports:write"), ("open_report", {"title": "mine"}, "mine")],
)
def test_who_lost_the_permission_gets_nothing(
    server: BackgroundServer, tool: str, arguments: dict[str, Any], permission: str
) -> None:
    server.engine.is_paused = True
    token = as_member(server, permission)
    refused = server.rig.exchange(
        "tools/call", {"name": tool, "arguments": arguments}, capabilities=TASKS, token=as_member(server, "other")
    )
    assert "task" not in refused.text or "taskId" not in refused.text
    task_id = server.begin(tool, arguments, token=token)["taskId"]
    server.engine.is_paused = False
    server.engine.run_due()

    assert server.get(task_id, token=token)["status"] == "completed"
    lost = server.ask("tasks/get", task_id, token=as_member(server, "other")).json
    assert lost["error"]["code"] == -32602
    assert "result" not in lost
    assert server.ask("tasks/cancel", task_id, token=as_member(server, "other")).status == 200


def test_a_check_that_fails_shows_nobody_the_result(server: BackgroundServer) -> None:
    token = as_member(server, "mine")
    task_id = server.begin("open_report", {"title": "mine"}, token=token)["taskId"]
    reports.outages.append(OSError("db.internal is down"))

    answer = server.ask("tasks/get", task_id, token=token)
    assert answer.json["error"]["code"] == -32603
    assert "db.internal" not in answer.text
    reports.outages.clear()
    assert server.get(task_id, token=token)["result"]["content"][0]["text"] == "mine opened"


LATER_RELEASE = """
from app.authoring import check, tool

async def is_owner(title: str) -> bool:
    return True

@tool(background=True, requires=check(is_owner, needs="the report to be yours"))
def open_report(title: str, language: str) -> str:
    '''Open a report.'''
    return title
"""


@pytest.mark.broad
def test_a_release_that_cannot_check_the_old_arguments_gives_nobody_the_result(write: Write) -> None:
    server = BackgroundServer()
    token = as_member(server, "mine")
    task_id = server.begin("open_report", {"title": "mine"}, token=token)["taskId"]
    server.tools = write(reports=LATER_RELEASE)
    server.rig = server.make_environment()

    answer = server.ask("tasks/get", task_id, token=token)
    assert answer.json["error"]["code"] == -32602
    assert "language" in answer.json["error"]["message"]


def test_the_two_tools_are_listed_where_a_background_tool_is(server: BackgroundServer) -> None:
    assert {"get_result", "cancel_work"} <= {each["name"] for each in list_tools(server.rig)}
    assert "get_result" not in {each["name"] for each in list_tools(Rig())}


def list_tools(rig: Rig) -> list[dict[str, Any]]:
    tools: list[dict[str, Any]] = rig.exchange("tools/list").json["result"]["tools"]
    return tools


def test_a_tool_that_a_later_release_has_not_is_gone(server: BackgroundServer) -> None:
    task_id = server.begin("add_up", {"numbers": []})["taskId"]
    rig = server.make_environment()
    rig.app.state.work.functions.pop("add_up")

    answer = rig.exchange("tasks/get", {"taskId": task_id}, headers={"mcp-name": task_id}, capabilities=TASKS)
    assert answer.json["error"]["message"] == UNKNOWN


def test_the_record_has_one_id_for_the_beginning_and_the_end(server: BackgroundServer, log: Log) -> None:
    server.begin("build_report", {"title": "2026"})
    server.engine.advance(1800)

    (begun, *_), (ended,) = log("exchange"), log("work")
    assert begun["work"] == ended["work"]
    assert (ended["tool"], ended["outcome"], ended["seconds"]) == ("build_report", "ok", 1800)
    assert (ended["user_id"], ended["arguments"]) == ("user_01ALICE", {"title": "2026"})
    assert (ended["WorkEnded"], ended["WorkSeconds"]) == (1, 1800)


def test_logs_hold_neither_arguments_nor_results(server: BackgroundServer, log: Log) -> None:
    server.begin("open_report", {"title": "a title"}, token=as_member(server, "a title"))
    server.finish("return_much", {"characters": 3})
    server.finish("crash")

    written = str(log())
    assert "xxx" not in written
    assert "a title" not in written


def test_the_quota_counts_beginnings() -> None:
    table = MemoryTable()
    rules = QuotaRules(table="quota", per_user=1, per_organization=0, window_seconds=3600, when_unavailable="deny")
    server = BackgroundServer(changes={"quota": rules}, table=table)
    handle = server.rig.call("build_report", {"title": "2026"}, capabilities=PLAIN)["structuredContent"]["handle"]

    assert "no result yet" in text(server.rig.call("get_result", {"handle": handle, "wait_seconds": 0}))
    assert "is cancelled" in text(server.rig.call("cancel_work", {"handle": handle}))
    assert "You have used the 1 call" in text(server.rig.call("add_up", {"numbers": []}, capabilities=TASKS))
