"""WorkOS's Audit Logs through a call: what arrives there, and that no call is worse off if it does not."""

import asyncio
import json
import math
import time
from datetime import datetime
from typing import Any

import httpx2
import pytest

from app.audit.audit_log import MAX_WAIT_SECONDS, AuditLog
from app.audit.outbox import MAX_PENDING_EVENTS, RETRY_PAUSES_SECONDS
from app.handler import create_handler
from examples import resources as example_resources
from infra.local.loopback import LoopbackServer
from tests.audit.conftest import ACTION, Make, ada
from tests.catalogues import audited as audited_tools
from tests.catalogues import guarded
from tests.events import http_api, load_balancer
from tests.infra.workos_api.rig import ADA, ENGINES, Api
from tests.issuer import ABSENT
from tests.log import Log
from tests.rig import ERAS, EXAMPLES, Rig, message

SLACK = 2.0
"""Seconds more than the bound that a busy machine may take. Without the bound it would be three seconds."""
LOST = "audit event lost"
EVENTS = "/audit_logs/events"


def call(rig: Rig, tool: str = "whoami", **options: Any) -> dict[str, Any]:
    return rig.call(tool, **{"token": ada(rig), **options})


def timed_call(rig: Rig) -> float:
    began = time.monotonic()
    assert call(rig)["isError"] is False
    return time.monotonic() - began


def until_received(rig: Rig, workos: Api, count: int) -> list[dict[str, Any]]:
    """What has arrived, once later invocations gave the event loop the time for it."""
    deadline = time.monotonic() + 120
    while len(received := workos.received_events()) < count:
        assert time.monotonic() < deadline, f"{len(received)} of {count} arrived"
        rig.exchange("tools/list")
        asyncio.get_event_loop().run_until_complete(asyncio.sleep(0.02))  # leaves the processor to WorkOS's thread
    return received


@pytest.mark.parametrize("version", ERAS)
def test_a_call_is_an_event_of_the_callers_organisation(version: str, audited: Rig, workos: Api, log: Log) -> None:
    call(audited, headers={"user-agent": "cursor/1.2"}, version=version)

    (received,) = until_received(audited, workos, 1)
    line = log("exchange")[0]
    assert received["organization_id"] == ENGINES
    assert received["idempotency_key"]
    event = received["event"]
    assert datetime.fromisoformat(event.pop("occurred_at")).timestamp() == audited.issuer.clock.now
    assert event == {
        "action": ACTION,
        "actor": {"id": ADA, "type": "user"},
        "targets": [{"id": "whoami", "type": "tool"}],
        "context": {"location": "192.0.2.1", "user_agent": "cursor/1.2"},
        "metadata": {
            "outcome": "ok",
            "ms": line["ms"],
            "client_id": "client_01CURSOR",
            "decision_source": line["decision_source"],
        },
    }


def test_the_event_and_the_record_find_each_other_by_lambdas_request_id(
    audited: Rig, workos: Api, log: Log
) -> None:
    class Context:
        aws_request_id = "8f507cfc"

    headers, body = message("tools/call", {"name": "whoami"})
    bearer = {"authorization": f"Bearer {ada(audited)}"}
    create_handler(audited.app)(http_api(headers={**headers, **bearer}, body=body), Context())

    assert workos.received_events()[0]["event"]["metadata"]["request_id"] == "8f507cfc"
    assert log("exchange")[0]["request_id"] == "8f507cfc"


def test_an_impersonated_call_says_so_in_the_customers_own_log(audited: Rig, workos: Api) -> None:
    call(audited, token=ada(audited, act={"sub": "support@example.com"}))

    assert until_received(audited, workos, 1)[0]["event"]["metadata"]["impersonator"] == "support@example.com"


def test_a_machine_is_an_application(workos: Api, make: Make) -> None:
    rig = make(allow_machine_tokens=True)
    call(rig, token=rig.issuer.sign(rig.issuer.machine_claims(org_id=ENGINES)))

    assert until_received(rig, workos, 1)[0]["event"]["actor"] == {"id": "client_01MACHINE", "type": "application"}


def test_a_call_that_failed_is_an_event_too(workos: Api, make: Make) -> None:
    rig = make(tools=EXAMPLES, resources=example_resources)
    call(rig, "add_working_days", arguments={"start": "no date"})

    assert until_received(rig, workos, 1)[0]["event"]["metadata"]["outcome"] == "tool_error"


def test_a_denied_call_is_an_event_with_its_reason(workos: Api, make: Make) -> None:
    rig = make(tools=audited_tools)
    rig.exchange("tools/call", {"name": "publish"}, token=ada(rig))

    (received,) = until_received(rig, workos, 1)
    assert received["event"]["targets"] == [{"id": "publish", "type": "tool"}]
    assert received["event"]["metadata"]["outcome"] == "denied"
    assert received["event"]["metadata"]["reason"] == "missing_scope"


def test_where_nothing_is_used_there_is_no_event(audited: Rig, workos: Api) -> None:
    call(audited, token=ada(audited, org_id=ABSENT))
    audited.refusal("no-such-tool", token=ada(audited))
    audited.exchange("tools/list", token=ada(audited))
    audited.request(token=ada(audited), body="{")

    assert workos.received_events() == []


def test_without_the_setting_nothing_is_sent(workos: Api, make: Make) -> None:
    call(make(audit_log_action=None))

    assert workos.received_events() == []


def test_what_a_client_says_of_itself_is_bounded_and_printable(audited: Rig, workos: Api) -> None:
    call(audited, headers={"user-agent": "evil\t" + "x" * 5000})
    call(audited, headers={"user-agent": ""})

    first, second = (each["event"]["context"] for each in until_received(audited, workos, 2))
    assert first["user_agent"] == "evil\ufffd" + "x" * 495
    assert second == {"location": "192.0.2.1"}


@pytest.mark.parametrize(
    ("forwarded", "location"),
    [("203.0.113.9", "203.0.113.9"), ("\u202e" * 300, "\ufffd" * 100), (None, "unknown")],
)
def test_an_address_that_a_header_claims_is_bounded_too(
    forwarded: str | None, location: str, audited: Rig, workos: Api
) -> None:
    headers, body = message("tools/call", {"name": "whoami"})
    claimed = {"x-forwarded-for": forwarded} if forwarded else {}
    audited.send(
        load_balancer(headers={**headers, **claimed, "authorization": f"Bearer {ada(audited)}"}, body=body)
    )

    assert until_received(audited, workos, 1)[0]["event"]["context"]["location"] == location


def test_a_slow_workos_holds_up_an_answer_no_longer_than_the_bound(audited: Rig, workos: Api, log: Log) -> None:
    call(audited)
    workos.fail(path=EVENTS, latency=0.6, count=1)

    assert MAX_WAIT_SECONDS <= timed_call(audited) < MAX_WAIT_SECONDS + SLACK
    assert len(until_received(audited, workos, 2)) == 2
    assert log(LOST) == []


def test_a_workos_that_hangs_holds_up_each_answer_no_longer_than_the_bound(audited: Rig, workos: Api) -> None:
    call(audited)
    workos.fail(path=EVENTS, hang=True)

    took = [timed_call(audited) for _ in range(3)]

    assert min(took) >= MAX_WAIT_SECONDS
    assert max(took) < MAX_WAIT_SECONDS + SLACK


def test_what_is_hidden_is_answered_as_soon_as_what_does_not_exist_and_is_an_event(
    workos: Api, make: Make
) -> None:
    rig = make(tools=guarded)
    params = {"name": "by_role", "arguments": {}}
    rig.exchange("tools/call", params, token=ada(rig, roles=[]))
    workos.fail(path=EVENTS, latency=3.0, count=1)

    began = time.monotonic()
    rig.exchange("tools/call", params, token=ada(rig, roles=[]))
    took = time.monotonic() - began

    assert took < 2.0  # far from the 3 s of WorkOS, and time enough for a busy machine
    assert [row["event"]["metadata"]["reason"] for row in until_received(rig, workos, 2)] == ["missing_role"] * 2


@pytest.mark.broad
def test_after_a_failure_answers_do_not_wait_until_it_is_time_for_another_attempt(
    audited: Rig, workos: Api
) -> None:
    call(audited)
    workos.fail(path=EVENTS, status=503)
    for _ in range(2):  # an attempt of the SDK's client is two, a quarter of a second apart
        call(audited)

    # The quickest of ten, because on a busy machine any one of them may take long for another reason.
    assert min(timed_call(audited) for _ in range(10)) < MAX_WAIT_SECONDS

    audited.issuer.clock.now += RETRY_PAUSES_SECONDS[0]
    assert timed_call(audited) >= MAX_WAIT_SECONDS


def test_what_fails_for_a_moment_arrives_once(audited: Rig, workos: Api, log: Log) -> None:
    workos.fail(path=EVENTS, status=503, count=1)
    for _ in range(5):
        call(audited)

    received = until_received(audited, workos, 5)
    assert len({each["idempotency_key"] for each in received}) == len(received) == 5
    assert log(LOST) == []


def test_an_action_that_workos_does_not_know_is_told_once_per_event(workos: Api, make: Make, log: Log) -> None:
    rig = make(audit_log_action="mcp.unknown")
    call(rig)

    (line,) = log(LOST)
    assert line["level"] == "WARNING"
    assert (line["reason"], line["status"], line["code"]) == ("refused", 400, "invalid_audit_log_event")
    assert (line["tool"], line["organization_id"]) == ("whoami", ENGINES)
    assert line["workos_request_id"]


def test_more_than_can_be_kept_is_lost_and_each_loss_is_a_line(workos: Api, make: Make, log: Log) -> None:
    rig = make()
    workos.fail(path=EVENTS, status=503)
    for _ in range(MAX_PENDING_EVENTS + 3):
        call(rig)

    assert [line["reason"] for line in log(LOST)] == ["full"] * 3

    rig.close()

    assert [line["reason"] for line in log(LOST)] == ["full"] * 3 + ["shutdown"] * MAX_PENDING_EVENTS


@pytest.mark.parametrize("parameters", [{}, {"/app/key": "sk_\u00e9"}])
def test_without_a_usable_key_calls_are_answered_as_always(
    parameters: dict[str, str], workos: Api, make: Make
) -> None:
    async def fetch(names: tuple[str, ...]) -> dict[str, str]:
        return parameters

    rig = make(fetch, api_key=None, api_key_parameter="/app/key")

    assert call(rig)["structuredContent"]["user_id"] == ADA
    assert workos.received_events() == []


class Wrong:
    """Something that answers in WorkOS's place."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while (told := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{told['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        self.asked += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": self.answer})


@pytest.mark.matrix
@pytest.mark.parametrize("answer", [b"<html>", b'{"success": false}', b'{"other": 1}', b""])
def test_only_a_success_that_workos_tells_is_one(
    answer: bytes, make: Make, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    wrong = Wrong(answer)
    with LoopbackServer(wrong) as server:
        monkeypatch.setenv("WORKOS_BASE_URL", server.url)
        rig = make()
        call(rig)
        rig.close()

    assert wrong.asked
    assert [line["reason"] for line in log(LOST)] == ["shutdown"]


def test_a_defect_of_ours_is_no_callers_problem(log: Log) -> None:
    async def no_client() -> Any:
        raise AssertionError

    async def scenario() -> None:
        line = {"tool": "whoami", "organization_id": ENGINES}
        await AuditLog(ACTION, no_client, lambda: math.nan).add(line, None)  # type: ignore[arg-type]

    asyncio.run(scenario())

    (line,) = log(LOST)
    assert (line["level"], line["reason"]) == ("ERROR", "defect")


def test_a_call_that_its_host_cancels_still_becomes_an_event(audited: Rig, workos: Api) -> None:
    call(audited)
    workos.fail(path=EVENTS, latency=0.2, count=1)
    headers, body = message("tools/call", {"name": "whoami"})
    sent = {**headers, "authorization": f"Bearer {ada(audited)}"}

    async def cancelled() -> None:
        transport = httpx2.ASGITransport(audited.app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://mcp.example.com") as client:
            post = asyncio.create_task(client.post("/mcp", headers=sent, json=body))
            await asyncio.wait([post], timeout=0.1)
            post.cancel()
            with pytest.raises(asyncio.CancelledError):
                await post

    asyncio.get_event_loop().run_until_complete(cancelled())

    assert len(until_received(audited, workos, 2)) == 2


def test_no_argument_and_no_token_reaches_workos(workos: Api, make: Make) -> None:
    rig = make(tools=EXAMPLES, resources=example_resources)
    token = ada(rig)
    rig.call("add_working_days", {"start": "2026-02-03", "days": 977}, token=token)

    sent = json.dumps(until_received(rig, workos, 1))
    assert "add_working_days" in sent
    assert not any(secret in sent for secret in ["2026-02-03", "977", *token.split(".")])


@pytest.mark.parametrize("version", ERAS)
def test_not_even_sending_its_event_tells_a_hidden_tool_from_an_unknown_one(
    version: str, workos: Api, make: Make
) -> None:
    rig = make(tools=guarded)
    for name in ("by_role", "nothing", "by_role", "nothing"):
        params: dict[str, Any] = {"name": name, "arguments": {}}
        assert rig.exchange("tools/call", params, token=ada(rig, roles=[]), version=version).json["error"]
        assert workos.received_events() == []

    assert len(until_received(rig, workos, 2)) == 2


def test_what_is_held_is_sent_at_the_end(workos: Api, make: Make) -> None:
    rig = make(tools=guarded)
    rig.refusal("by_role", token=ada(rig, roles=[]))

    rig.close()

    assert len(workos.received_events()) == 1
