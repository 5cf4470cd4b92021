"""The Lambda entry: events that are no HTTP request, events that cannot be read, and the log's ids."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest

import app.handler
from app.application import create_app
from app.auth.fetch import FetchFailed
from app.handler import create_handler
from app.runtime.events import EventAdapter
from tests.catalogues import failing
from tests.catalogues.failing import exits_in_a_task
from tests.events import http_api, load_balancer, rest_api
from tests.log import Log
from tests.rig import ERAS, SETTINGS, Rig


@pytest.mark.parametrize(
    "event",
    [
        {"source": "aws.events"},
        {"Records": [{"eventSource": "aws:sqs"}]},
        {},
        [],
        None,
        "ping",
        1,
    ],
    ids=str,
)
def test_an_event_that_is_no_http_request_is_logged_and_returned_from(event: Any, rig: Rig, log: Log) -> None:
    assert rig.handler(event, None) == {"statusCode": 204, "body": ""}
    assert len(log("not an HTTP event, nothing to do")) == 1


@pytest.mark.parametrize("host", ["a:b", "[::1]:80", "evil:1x"])
def test_a_malformed_host_is_logged_and_answered_with_400(host: str, rig: Rig, log: Log) -> None:
    answer = rig.request(headers={"host": host})

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert len(log("malformed HTTP event")) == 1
    assert host not in answer.text


@pytest.mark.parametrize(
    "event",
    [
        {"requestContext": {}},
        {"requestContext": None, "version": "2.0"},
        {"version": "2.0", "requestContext": {"http": {}}},
        {**http_api(), "headers": None},
        {**http_api(), "body": "a", "isBase64Encoded": True},
    ],
    ids=str,
)
def test_an_event_that_only_resembles_http_is_answered_with_400(event: Any, rig: Rig) -> None:
    assert rig.handler(event, None)["statusCode"] == 400


def test_the_module_level_handler_serves_from_the_environment() -> None:
    result = app.handler.handler(http_api("GET", "/.well-known/oauth-protected-resource"), None)

    assert result["statusCode"] == 200


def test_every_line_carries_the_ids_of_its_invocation(rig: Rig, log: Log) -> None:
    rig.handler(http_api(), SimpleNamespace(aws_request_id="lambda-1"))
    rig.handler({"warmer": True}, SimpleNamespace(aws_request_id="lambda-2"))

    first, second = log()
    assert (first["request_id"], first["gateway_request_id"]) == ("lambda-1", "gateway-request")
    assert (second["request_id"], second.get("gateway_request_id")) == ("lambda-2", None)


def test_a_loop_that_somebody_else_closed_does_not_break_the_next_call(rig: Rig) -> None:
    rig.call("whoami")
    asyncio.run(asyncio.sleep(0))

    rig.call("whoami")


def test_calls_from_several_threads_are_served_one_after_the_other() -> None:
    inside: list[int] = []
    most: list[int] = []

    async def fetch(url: str, *, seconds: float) -> bytes:
        inside.append(1)
        await asyncio.sleep(0.01)  # long enough for any other thread to come in
        most.append(len(inside))
        inside.pop()
        raise FetchFailed("down")

    handler = create_handler(create_app(SETTINGS, fetch=fetch))
    path = "/.well-known/oauth-authorization-server"
    threads = [threading.Thread(target=handler, args=(http_api("GET", path), None)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1]


@pytest.mark.parametrize("method", [{}, [], None, 5])
def test_a_method_that_is_no_text_is_answered_with_400(method: Any, rig: Rig) -> None:
    event = http_api()
    event["requestContext"]["http"]["method"] = method

    assert rig.handler(event, None)["statusCode"] == 400


def test_an_error_of_our_own_is_a_plain_500_and_the_log_has_its_cause(rig: Rig, log: Log) -> None:
    rig.issuer.defect = ZeroDivisionError("inner text")

    answer = rig.exchange("tools/list")

    assert (answer.status, answer.json) == (500, {"error": "internal_error"})
    assert log("An error occurred running the application.")[0]["exception_name"] == "ZeroDivisionError"


@pytest.mark.parametrize("version", ERAS)
def test_the_end_of_the_program_in_a_task_of_a_tool_ends_that_call_alone(version: str, log: Log) -> None:
    rig = Rig(tools=failing)
    exits_in_a_task.events.clear()

    answer = rig.exchange("tools/call", {"name": "exits_in_a_task", "arguments": {}}, version=version)

    assert (answer.status, answer.json["result"]["isError"]) == (200, True)
    assert exits_in_a_task.events == ["ended"]
    assert log("background work called for the end of the program")[0]["exception_name"] == "SystemExit"
    assert [(line["tool"], line["outcome"]) for line in log("exchange")] == [("exits_in_a_task", "tool_error")]
    assert rig.exchange("tools/list", version=version).status == 200
    assert len(log("exchange")) == 2


@pytest.mark.parametrize("make_event", [http_api, rest_api, load_balancer])
def test_no_cookie_reaches_the_application(make_event: Any) -> None:
    rig = Rig()
    seen: list[bytes] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(name for name, _ in scope["headers"])
        await rig.app(scope, receive, send)

    adapter = EventAdapter(application)  # type: ignore[arg-type]
    result = adapter.serve({**make_event("GET", "/healthz", {"Cookie": "a=1"}), "cookies": ["b=2"]}, None)

    assert result["statusCode"] == 200
    assert b"host" in seen
    assert b"cookie" not in seen
