"""The lines of background work: who began it and asked about it, and how it ended, under one id."""

import json
import logging
from typing import Any, get_args

import pytest

from app.audit.work import WorkMetrics, WorkOutcome
from app.runtime import logs
from infra.local.testing.engine import Refused
from infra.operator.call_log import Call
from tests.background import BackgroundServer
from tests.blocks import ROOT, blocks
from tests.catalogues.background.tools import reports
from tests.log import Log


def end(server: BackgroundServer, log: Log, tool: str, **arguments: Any) -> dict[str, Any]:
    server.finish(tool, arguments)
    return log("work")[-1]


def test_the_line_of_the_end_is_the_metrics_too(server: BackgroundServer, log: Log) -> None:
    line = end(server, log, "add_up", numbers=[1])

    assert (line["outcome"], line["tool"], line["WorkEnded"]) == ("ok", "add_up", 1)
    assert line["WorkSeconds"] == line["seconds"]
    by_metric = {
        metric["Name"]: (each["Namespace"], each["Dimensions"], metric["Unit"])
        for each in line["_aws"]["CloudWatchMetrics"]
        for metric in each["Metrics"]
    }
    namespace = server.settings.metrics_namespace or "workos-mcp-lambda"
    assert by_metric == {
        "WorkEnded": (namespace, [[], ["outcome"]], "Count"),
        "WorkSeconds": (namespace, [["tool"]], "Seconds"),
    }
    (begun, *_) = log("exchange")
    assert {each["Namespace"] for each in begun["_aws"]["CloudWatchMetrics"]} == {namespace}


def test_the_page_shows_the_line_as_it_is_written(server: BackgroundServer, log: Log) -> None:
    _, shown = (json.loads(block) for block in blocks("json", "docs/audit.md"))
    line = end(server, log, "build_report", title="2026")

    assert shown.keys() - {"request_id"} == line.keys()  # Lambda's
    lasting = line.keys() - {"timestamp", "location", "work", "seconds", "WorkSeconds", "_aws"}
    lasting -= {"session_id", "token_id", "client_id"}
    assert {name: shown[name] for name in lasting} == {name: line[name] for name in lasting}
    page = ROOT.joinpath("docs/audit.md").read_text().partition("## Background work")[2].partition("\n## ")[0]
    assert [each for each in get_args(WorkOutcome) if f"`{each}`" not in page] == []


def test_work_without_a_result_says_in_its_outcome_why(server: BackgroundServer, log: Log) -> None:
    reports.kills.append(server.kill)
    assert end(server, log, "die_once")["outcome"] == "interrupted"
    server.forget()
    assert end(server, log, "sleep_long")["outcome"] == "timeout"


def test_a_whole_tool_that_was_interrupted_says_so_too(server: BackgroundServer, log: Log) -> None:
    reports.kills.append(server.kill)

    assert end(server, log, "die_whole")["outcome"] == "interrupted"


@pytest.mark.matrix
@pytest.mark.parametrize("seconds", [60, None])
def test_a_question_that_nobody_answered_is_an_outcome_of_its_own(
    server: BackgroundServer, log: Log, seconds: float | None
) -> None:
    """Also in a run that has no time left to come to its question again."""
    server.begin("ask_twice")
    if seconds is not None:
        for operation in server.engine.only.operations.values():
            operation["TimesOut"] = server.engine.only.due = server.issuer.clock.now + seconds
    server.engine.advance(3600)

    assert [each["outcome"] for each in log("work")] == ["unanswered"]


def test_every_question_about_work_names_its_id(server: BackgroundServer, log: Log) -> None:
    task_id = server.begin("ask_twice")["taskId"]
    keys = server.get(task_id)["inputRequests"]
    server.rig.call("get_result", {"handle": task_id, "wait_seconds": 0})
    server.ask("tasks/update", task_id, inputResponses={key: {"action": "decline"} for key in keys})
    server.rig.call("cancel_work", {"handle": task_id})
    server.ask("tasks/cancel", task_id)

    lines = [each for each in log("exchange") if each["method"] != "initialize"]
    assert [each.get("tool") or each["method"] for each in lines] == [
        *("ask_twice", "tasks/get", "get_result", "tasks/update", "cancel_work", "tasks/cancel")
    ]
    assert {each["work"] for each in lines} == {server.engine.only.name}
    # What `make activity WORK=` shows of them.
    shown = [Call.read({"timestamp": 0, "message": json.dumps(each)}) for each in lines[-2:]]
    assert [(each.name, each.outcome, each.work) for each in shown if each is not None] == [
        (name, "ok", server.engine.only.name) for name in ("cancel_work", "tasks/cancel")
    ]


@pytest.mark.parametrize("operation", ["stop_durable_execution", "send_durable_execution_callback_success"])
def test_every_failure_of_the_engine_is_in_the_record(server: BackgroundServer, log: Log, operation: str) -> None:
    task_id = server.begin("ask_twice")["taskId"]
    keys = server.get(task_id)["inputRequests"]
    server.engine.failing[operation] = Refused("AccessDeniedException", status=403)
    asked = len(log("exchange"))
    if operation == "stop_durable_execution":
        server.ask("tasks/cancel", task_id)
        server.rig.call("cancel_work", {"handle": task_id})
    else:
        server.ask("tasks/update", task_id, inputResponses={key: {"action": "cancel"} for key in keys})

    assert {each["engine"] for each in log("exchange")[asked:]} == {"denied"}


def test_the_line_is_written_at_every_log_level(monkeypatch: pytest.MonkeyPatch, log: Log) -> None:
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "WARN")
    try:
        logs.configure()
        logging.getLogger("app.audit.work").info("work", extra=WorkMetrics("acme").make_fields(1.5))
        logging.getLogger("app.tools").info("quiet")
    finally:
        monkeypatch.delenv("POWERTOOLS_LOG_LEVEL")
        logs.configure()

    (line,) = log()
    assert line["WorkSeconds"] == 1.5
