"""What a call says while it runs: in order before the result, to those who asked for it, within bounds."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from app.protocol.wire.notifications import (
    MAX_NOTIFICATION_BYTES,
    MAX_NOTIFICATIONS,
    MAX_TOTAL_BYTES,
    Notifications,
)
from tests.catalogues import calling
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, MODERN, Answer, Rig

pytestmark = pytest.mark.matrix("version")

LOG_LEVEL = "io.modelcontextprotocol/logLevel"
LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]
INFINITE: Any = float("inf")


def call(
    tool: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    token: str | int | None = None,
    level: str | None = None,
    version: str = MODERN,
    accept: str | None = None,
) -> Answer:
    """tools/call of a client that asked for progress, for log messages, or for neither."""
    asked = {"progressToken": token, LOG_LEVEL: level}
    meta = {key: value for key, value in asked.items() if value is not None}
    params = {"name": tool, "arguments": dict(arguments or {}), "_meta": meta}
    headers = {} if accept is None else {"accept": accept}
    return Rig(tools=calling).exchange("tools/call", params, version=version, headers=headers)


def said(answer: Answer) -> list[Any]:
    """The notifications' params; behind them is the result."""
    *notifications, reply = answer.messages
    assert set(reply) == {"jsonrpc", "id", "result"}
    assert all(set(each) == {"jsonrpc", "method", "params"} for each in notifications)
    return [each["params"] for each in notifications]


@pytest.mark.parametrize("version", ERAS)
def test_progress_and_log_messages_come_in_order_before_the_result(version: str) -> None:
    answer = call("mixes", token="p", level="debug", version=version)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"
    assert said(answer) == [
        {"progressToken": "p", "progress": 1, "total": 2, "message": "half"},
        {"level": "info", "data": "between"},
        {"progressToken": "p", "progress": 2, "total": 2},
        {"level": "error", "data": "at the end"},
    ]


@pytest.mark.parametrize("version", ERAS)
def test_a_call_that_says_nothing_is_answered_in_plain_json(version: str) -> None:
    answer = call("counts", {"steps": []}, token="p", level="debug", version=version)

    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("token", [0, 7, "", "p"])
def test_progress_carries_the_clients_token(token: str | int, version: str) -> None:
    answer = call("counts", {"steps": [1]}, token=token, version=version)

    assert said(answer) == [{"progressToken": token, "progress": 1}]


@pytest.mark.parametrize("version", ERAS)
def test_without_a_progress_token_there_is_no_progress(version: str) -> None:
    assert said(call("counts", {"steps": [1, 2]}, version=version)) == []


@pytest.mark.parametrize("version", ERAS)
def test_progress_that_does_not_increase_is_dropped(version: str) -> None:
    steps = [0, 0, 0.5, 0.25, 1, 1, -3, 2]

    answer = call("counts", {"steps": steps, "total": 2}, token="p", version=version)

    assert [(each["progress"], each["total"]) for each in said(answer)] == [(0, 2), (0.5, 2), (1, 2), (2, 2)]


@pytest.mark.parametrize("wanted", LEVELS)
def test_a_modern_client_gets_the_level_that_its_request_names_and_those_above(wanted: str) -> None:
    answer = call("logs", {"levels": LEVELS, "data": {}}, level=wanted)

    assert [each["level"] for each in said(answer)] == LEVELS[LEVELS.index(wanted) :]


def test_a_modern_client_that_names_no_level_gets_no_log_message() -> None:
    assert said(call("logs", {"levels": LEVELS, "data": {}})) == []


@pytest.mark.parametrize("wanted", ["loud", 3, None, []])
def test_a_level_that_is_none_is_refused_before_anything_runs(wanted: Any) -> None:
    params = {"name": "logs", "arguments": {"levels": ["info"], "data": {}}, "_meta": {LOG_LEVEL: wanted}}

    answer = Rig(tools=calling).exchange("tools/call", params)

    if wanted is None:  # null is as good as absent
        assert said(answer) == []
    else:
        assert (answer.status, answer.json["error"]["code"]) == (400, -32602)


@pytest.mark.parametrize("asked", [None, "debug", "emergency"])
def test_a_2025_client_gets_info_and_above_whatever_it_set_because_there_is_no_session(asked: str | None) -> None:
    rig = Rig(tools=calling)
    if asked:
        answer = rig.exchange("logging/setLevel", {"level": asked}, version="2025-11-25")
        assert (answer.status, answer.json["result"]) == (200, {})
    params = {"name": "logs", "arguments": {"levels": LEVELS, "data": {}}}

    answer = rig.exchange("tools/call", params, version="2025-11-25")

    assert [each["level"] for each in said(answer)] == LEVELS[1:]


def test_setting_no_level_or_one_that_does_not_exist_is_an_error_of_the_2025_era() -> None:
    rig = Rig(tools=calling)

    for params in ({}, {"level": "loud"}):
        answer = rig.exchange("logging/setLevel", params, version="2025-11-25")
        assert (answer.status, answer.json["error"]["code"]) == (200, -32602)


def test_a_modern_client_has_no_such_method() -> None:
    answer = Rig(tools=calling).exchange("logging/setLevel", {"level": "info"})

    assert (answer.status, answer.json["error"]["code"]) == (404, -32601)


@pytest.mark.parametrize("version", ERAS)
def test_logging_is_declared_where_something_takes_the_call_and_nowhere_else(version: str, write: Write) -> None:
    code = """
from typing import Annotated
from fastapi import Depends
from app.authoring import CurrentCall, get_call
from app.authoring import prompt
from app.authoring import resource
from app.authoring import tool

async def below(call: CurrentCall) -> str:
    await call.log("info", "below")
    return "x"

"""
    a_prompt = (
        f"{code}@prompt()\nasync def p(below: Annotated[str, Depends(below)]) -> str:\n    'D.'\n    return below"
    )
    a_resource = f"{code}@resource('x://y')\nasync def r(call: CurrentCall) -> str:\n    'D.'\n    return 'x'"
    a_quiet_tool = (
        f"{code}@tool()\nasync def t() -> str:\n    'D.'\n    await get_call().log('info', 'x')\n    return 'x'"
    )
    empty = write()

    def declared(rig: Rig) -> bool:
        method = "server/discover" if version == MODERN else "initialize"
        client = {"name": "c", "version": "1"}
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": client}
        result = rig.exchange(method, {} if version == MODERN else params, version=version).json["result"]
        return "logging" in result["capabilities"]

    assert declared(Rig(tools=calling))
    assert declared(Rig(tools=empty, prompts=write(p=a_prompt), resources=empty))
    assert declared(Rig(tools=empty, prompts=empty, resources=write(r=a_resource)))
    quiet = Rig(tools=write(t=a_quiet_tool), prompts=empty, resources=empty)
    assert not declared(quiet)
    # Who logs MUST have declared it.
    params = {"name": "t", "arguments": {}, "_meta": {LOG_LEVEL: "debug"}}
    assert said(quiet.exchange("tools/call", params, version=version)) == []


@pytest.mark.parametrize("version", ERAS)
def test_a_prompt_a_resource_and_a_template_may_say_things_too(version: str, write: Write) -> None:
    head = "from app.authoring import CurrentCall, prompt, resource\n"
    body = ":\n    'D.'\n    await call.progress(1)\n    await call.log('info', 'x')\n    return 'x'\n"
    prompts = write(p=f"{head}@prompt()\nasync def p(call: CurrentCall) -> str{body}")
    resources = write(
        r=f"{head}@resource('one://x')\nasync def r(call: CurrentCall) -> str{body}",
        t=f"{head}@resource('many://{{n}}')\nasync def t(n: int, call: CurrentCall) -> str{body}",
    )
    rig = Rig(tools=calling, prompts=prompts, resources=resources)
    asked = {"_meta": {"progressToken": "p", LOG_LEVEL: "info"}}

    for method, params in (
        ("prompts/get", {"name": "p"}),
        ("resources/read", {"uri": "one://x"}),
        ("resources/read", {"uri": "many://7"}),
    ):
        answer = rig.exchange(method, {**params, **asked}, version=version)
        assert said(answer) == [{"progressToken": "p", "progress": 1}, {"level": "info", "data": "x"}], method


@pytest.mark.parametrize("version", ERAS)
def test_what_a_failing_tool_said_comes_with_its_error(version: str) -> None:
    answer = call("fails", level="error", version=version)

    assert said(answer) == [{"level": "error", "data": "here is why"}]
    assert answer.messages[-1]["result"]["isError"] is True


@pytest.mark.parametrize("version", ERAS)
def test_what_a_failing_resource_said_comes_with_its_error(version: str, write: Write) -> None:
    code = """
from app.authoring import CurrentCall
from app.authoring import ResourceError, resource

@resource("fails://x")
async def fails(call: CurrentCall) -> str:
    "D."
    await call.log("error", "here is why")
    raise ResourceError("it failed")
"""
    rig = Rig(tools=calling, resources=write(fails=code))

    answer = rig.exchange("resources/read", {"uri": "fails://x", "_meta": {LOG_LEVEL: "info"}}, version=version)

    log, error = answer.messages
    assert log["params"]["data"] == "here is why"
    assert error["error"]["message"] == "it failed"


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    "accept", ["application/json", "application/*", "text/event-stream;q=0, */*", "text/html"]
)
def test_a_client_that_takes_no_event_stream_gets_the_result_alone(accept: str, version: str) -> None:
    answer = call("mixes", token="p", level="debug", version=version, accept=accept)

    assert answer.headers["content-type"] == "application/json"
    assert answer.json["result"]["structuredContent"] == {"result": "mixed"}


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    "accept", ["", "*/*", "text/*, application/json", "TEXT/EVENT-STREAM; q=0.5 , application/*"]
)
def test_a_client_that_takes_both_gets_what_was_said(accept: str, version: str) -> None:
    assert len(said(call("mixes", token="p", level="debug", version=version, accept=accept))) == 4


@pytest.mark.parametrize("version", ERAS)
def test_a_client_that_takes_an_event_stream_alone_gets_one_even_if_nothing_was_said(version: str) -> None:
    answer = call("counts", {"steps": []}, version=version, accept="text/event-stream")

    assert answer.headers["content-type"].startswith("text/event-stream")
    (reply,) = answer.messages
    assert reply["result"]["structuredContent"] == {"result": "counted"}


@pytest.mark.parametrize("version", ERAS)
def test_of_a_flood_the_newest_progress_and_every_log_message_are_kept(version: str, log: Log) -> None:
    answer = call("floods", {"times": 5000}, token="p", level="info", version=version)

    kept = said(answer)
    assert len(kept) == MAX_NOTIFICATIONS
    assert [kept[0]["data"], kept[-1]["data"]] == ["the first", ""]
    assert [each["progress"] for each in kept[1:-1]] == list(range(5000 - (MAX_NOTIFICATIONS - 2), 5000))
    assert log("notifications dropped")[0]["dropped"] == 5002 - MAX_NOTIFICATIONS


@pytest.mark.parametrize("version", ERAS)
def test_large_notifications_are_bounded_too(version: str) -> None:
    answer = call("floods", {"times": 300, "size": 10_000}, token="p", level="info", version=version)

    assert MAX_TOTAL_BYTES - MAX_NOTIFICATION_BYTES < len(answer.text) < MAX_TOTAL_BYTES + MAX_NOTIFICATION_BYTES
    assert said(answer)[-2]["progress"] == 299


@pytest.mark.parametrize("version", ERAS)
def test_one_that_is_too_large_is_shortened(version: str) -> None:
    first, progress, last = said(
        call("floods", {"times": 1, "size": MAX_NOTIFICATION_BYTES}, token="p", level="info", version=version)
    )

    assert progress == {"progressToken": "p", "progress": 0}
    assert first["data"] == "the first"
    assert last["data"].endswith("bytes, too many to send]")


def test_a_progress_token_of_kilobytes_is_not_sent_back_again_and_again() -> None:
    assert said(call("counts", {"steps": [1, 2]}, token="p" * MAX_NOTIFICATION_BYTES)) == []


@pytest.mark.parametrize("version", ERAS)
def test_the_result_is_not_lost_for_the_notifications_before_it(version: str) -> None:
    """Quotes have two bytes in JSON and two more in Lambda's JSON around it; the result stands in it twice."""
    arguments = {"times": 30, "size": 10_000, "result": 770_000}

    answer = call("floods", arguments, token="p", level="info", version=version)

    assert answer.headers["content-type"] == "application/json"
    assert len(answer.json["result"]["structuredContent"]["result"]) == 770_000


@pytest.mark.parametrize("version", ERAS)
def test_a_log_message_may_have_any_data(version: str) -> None:
    data = {"text": "\ud800 \r\n\r\ndata: x", "numbers": [1, 2.5], "none": None}

    answer = call("logs", {"levels": ["error"], "data": data}, level="error", version=version)

    assert said(answer) == [{"level": "error", "logger": "of the tool", "data": data}]


class Thing:
    def __repr__(self) -> str:
        return "key=sk_secret"


ITSELF: list[Any] = []
ITSELF.append(ITSELF)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"\xff", "_w=="),
        ({"at": INFINITE}, {"at": None}),
        ([Thing(), ValueError("sk_secret")], ["<Thing>", "<ValueError>"]),
        (ITSELF, "<list>"),
        ({1: {2}}, {"1": [2]}),
    ],
)
def test_what_json_has_not_is_shown_as_far_as_it_can_and_never_in_its_own_words(data: Any, shown: Any) -> None:
    notifications = Notifications(None, "debug")

    notifications.add_log("debug", data, None)

    (text,) = notifications.close()
    assert json.loads(text)["params"] == {"level": "debug", "data": shown}


def test_a_message_says_what_was_so_when_it_was_said() -> None:
    notifications, data = Notifications(None, "debug"), {"state": "before"}

    notifications.add_log("info", data, None)
    data["state"] = "after"

    assert "before" in notifications.close()[0]


@pytest.mark.parametrize("done", [float("nan"), INFINITE, -INFINITE])
def test_progress_that_is_no_number_of_json_is_dropped(done: float) -> None:
    notifications = Notifications("p", None)

    notifications.add_progress(done, None, None)
    notifications.add_progress(1, INFINITE, None)
    notifications.add_progress(2, 2.5, None)

    assert [json.loads(text)["params"] for text in notifications.close()] == [
        {"progressToken": "p", "progress": 1},
        {"progressToken": "p", "progress": 2, "total": 2.5},
    ]


def test_once_the_reply_is_made_nothing_is_added() -> None:
    notifications = Notifications("p", "debug")
    notifications.add_progress(1, None, None)
    before = notifications.close()

    notifications.add_progress(2, None, None)
    notifications.add_log("error", "late", None)

    assert notifications.close() == before


@pytest.mark.parametrize("version", ERAS)
def test_what_is_sent_through_the_sdks_own_context_goes_the_same_way(version: str, write: Write) -> None:
    code = """
from mcp.server.mcpserver import Context
from mcp_types import ResourceUpdatedNotification, ResourceUpdatedNotificationParams
from app.authoring import tool

@tool()
async def sends(context: Context) -> str:
    "D."
    await context.report_progress(2)
    await context.report_progress(1)
    changed = ResourceUpdatedNotification(params=ResourceUpdatedNotificationParams(uri="x://y"))
    await context.session.send_notification(changed, related_request_id=context.request_id)
    return "sent"
"""
    params = {"name": "sends", "arguments": {}, "_meta": {"progressToken": "p"}}

    answer = Rig(tools=write(sends=code)).exchange("tools/call", params, version=version)

    assert said(answer) == [{"progressToken": "p", "progress": 2}, {"uri": "x://y"}]
