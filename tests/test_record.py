"""The audit record: what one exchange's line says beyond who, what and how long."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import Request
from fastapi.responses import Response
from mcp.server.lowlevel.server import Server
from mcp_types import CallToolResult, TextContent

from app.access.lookups import Lookups
from app.audit.arguments import summarize_arguments
from app.audit.record import REASONS, CallMetrics, ExchangeRecord, current_record, get_record
from app.auth.refusals import ScopeMissing
from app.authoring import Session
from app.http.exchange import Dispatcher
from app.runtime import logs
from app.runtime.team_secrets import TeamSecrets
from app.workos.client import WorkOSAccess
from tests.catalogues import audited, guarded
from tests.issuer import Clock
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, Rig, message, no_parameters

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
OTHER_TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
SESSION = Session(
    user_id="user_01ALICE",
    session_id=None,
    organization_id="org_01ACME",
    role=None,
    roles=(),
    permissions=frozenset(),
    feature_flags=frozenset(),
    scopes=frozenset(),
    client_id="client_01CURSOR",
    token_id="01TOKEN",
    issued_at=0,
    expires_at=1,
    is_machine=False,
    claims={"iss": "https://acme.authkit.app"},
)


@pytest.fixture(autouse=True)
def _configured() -> None:
    logs.configure()


def a_record() -> ExchangeRecord:
    record = ExchangeRecord(SESSION, CallMetrics("app/test"))
    record.set_call("tools/call", "export")
    return record


@pytest.mark.parametrize("version", ERAS)
def test_the_clients_trace_is_in_the_record(version: str, rig: Rig, log: Log) -> None:
    rig.call("whoami", headers={"traceparent": TRACE}, version=version)

    assert log("exchange")[0]["traceparent"] == TRACE


def test_a_span_in_the_message_goes_before_that_of_a_proxy(rig: Rig, log: Log) -> None:
    params = {"name": "whoami", "_meta": {"traceparent": OTHER_TRACE}}
    rig.exchange("tools/call", params, headers={"traceparent": TRACE})

    assert log("exchange")[0]["traceparent"] == OTHER_TRACE


@pytest.mark.parametrize(
    "value",
    [
        "evil",
        "",
        TRACE.upper(),
        f"{TRACE}-evil",
        TRACE.replace("00-4", "ff-4"),
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
    ],
)
def test_what_is_no_traceparent_is_not_repeated(value: str, rig: Rig, log: Log) -> None:
    rig.call("whoami", headers={"traceparent": value})

    assert "traceparent" not in log("exchange")[0]


def test_a_traceparent_of_another_type_is_none(rig: Rig, log: Log) -> None:
    rig.exchange("tools/call", {"name": "whoami", "_meta": {"traceparent": [TRACE]}})
    rig.exchange("tools/call", {"name": "whoami", "_meta": []}, version="2025-11-25")

    assert [line.get("traceparent") for line in log("exchange")] == [None, None]


def test_aws_own_trace_id_is_in_the_record(rig: Rig, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0")
    rig.call("whoami")

    assert log("exchange")[0]["xray_trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"


def test_the_time_is_rfc_3339_in_utc(rig: Rig, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        rig.call("whoami")
    finally:
        monkeypatch.undo()
        time.tzset()

    assert log("exchange")[0]["timestamp"].endswith("+00:00")


def test_who_impersonates_the_user_is_named(rig: Rig, log: Log) -> None:
    rig.call("whoami", token=rig.issuer.token(act={"sub": "support@example.com"}))

    assert log("exchange")[0]["impersonator"] == "support@example.com"


@pytest.mark.parametrize("act", ["support@example.com", {}, {"sub": 7}, [], None])
def test_an_actor_of_another_shape_is_none(act: Any, rig: Rig, log: Log) -> None:
    rig.call("whoami", token=rig.issuer.token(act=act))

    assert "impersonator" not in log("exchange")[0]


def test_an_impersonator_has_bounded_length(rig: Rig, log: Log) -> None:
    rig.call("whoami", token=rig.issuer.token(act={"sub": "x" * 1000}))

    assert log("exchange")[0]["impersonator"] == "x" * 200


@pytest.mark.parametrize("version", ERAS)
def test_a_tools_author_opens_single_arguments(version: str, log: Log) -> None:
    Rig(tools=audited).call("export", {"report": "q1", "password": "hunter2", "evil": 1}, version=version)

    (line,) = log("exchange")
    assert line["arguments"] == {"report": "q1", "password": "[redacted]"}
    assert line["unknown_arguments"] == 1
    assert "hunter2" not in json.dumps(log())
    assert "evil" not in json.dumps(log())


def test_arguments_that_do_not_fit_are_in_the_record_as_well(log: Log) -> None:
    Rig(tools=audited).call("export", {"report": {"nested": "secret"}})

    (line,) = log("exchange")
    assert (line["arguments"], line["outcome"]) == ({"report": "[object]"}, "tool_error")


AUDITED = """
import datetime, decimal, enum, uuid
from typing import Annotated
from pydantic import BaseModel, SecretStr, StringConstraints
from app.authoring import tool

class Kind(enum.Enum):
    ANNUAL = "annual"

class Report(BaseModel):
    name: str

class Own:
    def __init__(self, text):
        self.text = text

    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        from pydantic_core import core_schema
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

@tool(audit=("name", "kind", "day", "id", "many", "report", "password", "rows", "share", "own", "size"))
async def export(
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5)] = "",
    kind: Kind = Kind.ANNUAL,
    day: datetime.date | None = None,
    id: uuid.UUID | None = None,
    many: set[str] = set(),
    report: Report | None = None,
    password: SecretStr = SecretStr(""),
    rows: int = 0,
    share: float = 0.0,
    own: Own | None = None,
    size: decimal.Decimal = decimal.Decimal(0),
) -> str:
    "Export a report."
    return "exported"
"""
SHOWN: dict[str, tuple[Any, Any]] = {
    "name": (" q1 ", "q1"),
    "kind": ("annual", "annual"),
    "day": ("2026-11-25", "2026-11-25"),
    "id": ("00000000000000000000000000000005", "00000000-0000-0000-0000-000000000005"),
    "many": (["a", "b"], "[array]"),
    "report": ({"name": "secret"}, "[object]"),
    "password": ("hunter2", "**********"),
    "rows": (5, 5),
    "share": (0.5, 0.5),
    "own": ("text", "[object]"),
    "size": ("1.50", "1.50"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_shown_is_what_the_arguments_became(name: str, write: Write, log: Log) -> None:
    given, shown = SHOWN[name]

    assert Rig(tools=write(export=AUDITED)).call("export", {name: given})["isError"] is False

    assert log("exchange")[0]["arguments"] == {name: shown}


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("given", "recorded"),
    [
        ({"name": "hunter2 of the caller"}, {"name": "[redacted]"}),
        ({"name": "q1", "rows": "hunter2"}, {"name": "[redacted]", "rows": "[redacted]"}),
        ({"name": ["hunter2"], "rows": {"hunter2": 1}}, {"name": "[array]", "rows": "[object]"}),
        ({"name": None, "rows": 10**400, "share": True}, dict.fromkeys(["name", "rows", "share"], "[redacted]")),
        ({"kind": "hunter2\n{}", "day": "hunter2"}, {"kind": "[redacted]", "day": "[redacted]"}),
    ],
)
def test_of_arguments_that_do_not_fit_no_value_is_shown(
    version: str, given: dict[str, Any], recorded: dict[str, str], write: Write, log: Log
) -> None:
    result = Rig(tools=write(export=AUDITED)).call("export", given, version=version)

    (line,) = log("exchange")
    assert (result["isError"], line["outcome"], line["arguments"]) == (True, "tool_error", recorded)
    assert "hunter2" not in json.dumps(log())


@pytest.mark.parametrize(("note", "shown"), [("hello", "hello"), (["hunter2"], "[array]"), (5, "[redacted]")])
def test_of_a_call_that_is_denied_openly_what_fits_is_shown(note: Any, shown: str, log: Log) -> None:
    Rig(tools=guarded).call("by_permission_openly", {"note": note})

    (line,) = log("exchange")
    assert (line["outcome"], line["arguments"]) == ("denied", {"note": shown})


@pytest.mark.parametrize("version", ERAS)
def test_of_a_call_that_a_client_can_step_up_for_what_fits_is_shown(version: str, write: Write, log: Log) -> None:
    rig = Rig(tools=write(steps=STEPS))
    params = {"name": "steps", "arguments": {"report": "q1"}}

    assert rig.exchange("tools/call", params, version=version).status == 403
    assert log("exchange")[0]["arguments"] == {"report": "q1"}


def test_of_a_call_that_is_hidden_no_argument_is_looked_at(write: Write, log: Log) -> None:
    Rig(tools=write(steps=STEPS)).refusal("hides", {"report": "q1"})

    assert log("exchange")[0]["arguments"] == {"report": "[redacted]"}


STEPS = """
from app.authoring import machine, scope
from app.authoring import tool

@tool(requires=scope("reports:publish"), audit=("report",))
async def steps(report: str) -> str:
    "Publish."
    return report

@tool(requires=machine(), audit=("report",))
async def hides(report: str) -> str:
    "Purge."
    return report
"""


def test_a_prompts_argument_is_shown_as_the_text_that_it_is(write: Write, log: Log) -> None:
    prompt = """
from app.authoring import prompt

@prompt(audit=("times", "loud", "name"))
async def introduces(name: str, times: int = 1, loud: bool = False) -> str:
    "Introduce."
    return name
"""
    rig = Rig(prompts=write(introduces=prompt))
    rig.exchange("prompts/get", {"name": "introduces", "arguments": {"name": "7", "times": "2", "loud": "true"}})
    rig.exchange("prompts/get", {"name": "introduces", "arguments": {"name": "7", "times": "hunter2"}})

    fits, does_not = log("exchange")
    assert fits["arguments"] == {"name": "7", "times": "2", "loud": "true"}
    assert does_not["arguments"] == {"name": "[redacted]", "times": "[redacted]"}


@pytest.mark.parametrize("version", ERAS)
def test_a_denied_call_is_recorded_with_what_it_was_for(version: str, log: Log) -> None:
    rig = Rig(tools=audited)
    answer = rig.exchange("tools/call", {"name": "publish", "arguments": {"report": "q1"}}, version=version)
    rig.refusal("purge", version=version)

    assert answer.status == 403
    step_up, unseen = log("exchange")
    assert (step_up["outcome"], step_up["reason"], step_up["status"]) == ("denied", "missing_scope", 403)
    assert (step_up["tool"], step_up["arguments"]) == ("publish", {"report": "[redacted]"})
    assert (unseen["tool"], unseen["outcome"], unseen["reason"]) == ("purge", "denied", "wrong_caller")
    assert [line["decision_source"] for line in (step_up, unseen)] == ["none", "none"]


def test_arguments_are_names_and_what_the_author_shows(log: Log) -> None:
    record = a_record()
    given = {"report": "q1", "password": "hunter2", "evil": 1}
    record.set_arguments(summarize_arguments(given, known={"report", "password", "format"}, shown=("report",)))
    record.write(200)

    (line,) = log("exchange")
    assert line["arguments"] == {"report": "q1", "password": "[redacted]"}
    assert line["unknown_arguments"] == 1
    assert "hunter2" not in json.dumps(log())
    assert "evil" not in json.dumps(log())


def test_without_unknown_arguments_there_is_no_count_of_them(log: Log) -> None:
    record = a_record()
    record.set_arguments(summarize_arguments({}, known=()))
    record.write(200)

    (line,) = log("exchange")
    assert line["arguments"] == {}
    assert "unknown_arguments" not in line


def test_a_shown_value_cannot_keep_the_record_from_being_written(log: Log) -> None:
    record = a_record()
    record.set_arguments(summarize_arguments({"a": "\ud800", "b": float("inf"), "c": 10**5000}, "abc", "abc"))
    record.write(200)

    assert log("exchange")[0]["arguments"] == {"a": "\ufffd", "b": "[number]", "c": "[number]"}


@pytest.mark.parametrize("answer", ["answered", "tool_error", "failed", "none"])
def test_a_denial_is_the_outcome_whatever_is_answered(answer: str, log: Log) -> None:
    record = a_record()
    record.mark_denied("missing_role")
    if answer in {"answered", "tool_error"}:
        record.mark_answered({"isError": answer == "tool_error"})
    if answer == "failed":
        record.mark_failed("error", -32002)
    record.write(200)

    (line,) = log("exchange")
    assert (line["outcome"], line["reason"]) == ("denied", "missing_role")
    assert line.get("code") == (-32002 if answer == "failed" else None)


def test_reasons_are_few_whatever_is_said(log: Log) -> None:
    for reason in [*sorted(REASONS), "something else"]:
        record = a_record()
        record.mark_denied(reason)
        record.write(200)

    assert [line["reason"] for line in log("exchange")] == [*sorted(REASONS), "other"]


@pytest.mark.parametrize(
    ("told", "recorded"),
    [
        ([], None),
        (["none"], "none"),
        (["token", "workos", "cache"], "workos"),
        (["cache", "token"], "cache"),
        (["token", "somewhere"], "token"),
        (["somewhere"], None),
    ],
)
def test_of_several_sources_of_a_decision_the_farthest_is_recorded(
    told: list[str], recorded: str | None, log: Log
) -> None:
    record = a_record()
    for source in told:
        record.set_decision_source(source)
    record.write(200)

    assert log("exchange")[0].get("decision_source") == recorded


@pytest.mark.parametrize(
    ("method", "field"), [("tools/call", "tool"), ("prompts/get", "prompt"), ("resources/read", "resource")]
)
def test_what_was_used_is_named_by_its_kind(method: str, field: str, log: Log) -> None:
    record = ExchangeRecord(SESSION, CallMetrics("app/test"))
    record.set_call(method)
    record.set_call(method, "export")
    record.write(200)

    assert log("exchange")[0][field] == "export"
    assert record.is_use


def test_outside_an_exchange_there_is_no_record() -> None:
    with pytest.raises(LookupError):
        get_record()


def test_a_bound_record_is_the_one_that_is_got() -> None:
    async def scenario() -> bool:
        record = current_record.bind(a_record())
        return get_record() is record

    assert asyncio.run(scenario())


Serve = Callable[[Any, Any], Awaitable[CallToolResult]]


async def no_key() -> str:
    raise AssertionError("this exchange asks nothing of WorkOS")


def exchange(serve: Serve) -> Response:
    """One tools/call of a verified caller, answered by `serve`."""
    server = Server("test", on_call_tool=serve)
    headers, body = message("tools/call", {"name": "export"})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(body).encode()}

    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    request = Request({"type": "http", "method": "POST", "path": "/mcp", "headers": sent}, receive)
    workos = WorkOSAccess(no_key, "client_01")
    metrics = CallMetrics("app/test")
    dispatcher = Dispatcher(
        server,
        {"export"},
        metrics,
        workos=workos,
        lookups=Lookups(workos.client, Clock()),
        team_secrets=TeamSecrets(None, no_parameters, Clock()),
    )
    return asyncio.run(dispatcher.answer(request, SESSION))


def test_a_scope_that_a_tool_misses_leaves_the_exchange_and_is_a_denial(log: Log) -> None:
    async def serve(context: Any, params: Any) -> CallToolResult:
        raise ScopeMissing(("reports:write",), SESSION)

    with pytest.raises(ScopeMissing):
        exchange(serve)

    (line,) = log("exchange")
    assert (line["status"], line["outcome"], line["reason"]) == (403, "denied", "missing_scope")
    assert (line["tool"], line["Denied"]) == ("export", 1)


def test_what_is_served_below_can_tell_the_record(log: Log) -> None:
    async def serve(context: Any, params: Any) -> CallToolResult:
        get_record().set_decision_source("cache")
        get_record().mark_denied("missing_permission")
        return CallToolResult(content=[TextContent(type="text", text="no")], is_error=True)

    assert exchange(serve).status_code == 200

    (line,) = log("exchange")
    assert (line["status"], line["outcome"], line["reason"]) == (200, "denied", "missing_permission")
    assert line["decision_source"] == "cache"


def test_an_exchange_that_cancelled_itself_did_not_go_well(log: Log) -> None:
    async def serve(context: Any, params: Any) -> CallToolResult:
        raise asyncio.CancelledError

    assert exchange(serve).status_code == 200

    (line,) = log("exchange")
    assert (line["outcome"], line["status"]) == ("tool_error", 200)


def test_a_quieter_log_keeps_its_records(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "WARN")
    rig = Rig()
    rig.request()
    rig.call("whoami")
    logging.getLogger("app.tools.mine").info("nobody reads this")

    assert [line["message"] for line in log()] == ["exchange"]

    monkeypatch.delenv("POWERTOOLS_LOG_LEVEL")
    logs.configure()
    rig.request()

    assert [line["message"] for line in log()] == ["exchange", "refused"]


def test_a_log_that_says_more_still_does(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    logs.configure()
    logging.getLogger("app.tools.mine").debug("somebody reads this")
    monkeypatch.delenv("POWERTOOLS_LOG_LEVEL")
    logs.configure()

    assert [line["message"] for line in log()] == ["somebody reads this"]
