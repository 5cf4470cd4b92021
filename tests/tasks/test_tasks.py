"""Clients that declare the extension: a task, and the three methods for it (SEP-2663)."""

from typing import Any

import pytest

from infra.local.testing.execution import read_payload
from tests.background import EXTENSION, PLAIN, TASKS, BackgroundServer, text
from tests.catalogues.background.tools import reports
from tests.protocol.asking import DECLINE, VISITED, Conversation, accept

UNKNOWN = {"code": -32602}


def test_discovery_names_the_extension(server: BackgroundServer) -> None:
    capabilities = server.rig.exchange("server/discover").json["result"]["capabilities"]

    assert capabilities["extensions"][EXTENSION] == {}
    assert "tasks" not in capabilities


def test_a_call_begins_a_task_whose_result_comes_later(server: BackgroundServer) -> None:
    task = server.begin("build_report", {"title": "2026"})

    assert task["createdAt"] == "2026-09-21T14:13:20.000Z"
    assert (task["ttlMs"], task["pollIntervalMs"]) == (25 * 3600 * 1000, 1000)
    assert server.get(task["taskId"])["statusMessage"] == "Zähle Bestellungen"
    server.engine.advance(1799)
    assert server.get(task["taskId"])["status"] == "working"
    server.engine.advance(1)
    done = server.get(task["taskId"])
    assert (done["status"], done["statusMessage"]) == ("completed", "Writing")
    assert done["result"]["structuredContent"] == {"title": "2026", "orders": 1}
    assert done["lastUpdatedAt"] == "2026-09-21T14:43:20.000Z"
    assert reports.runs == ["user_01ALICE"]


def test_the_older_the_work_the_longer_a_client_should_wait(server: BackgroundServer) -> None:
    server.engine.is_paused = True
    task_id = server.begin("build_report", {"title": "2026"})["taskId"]
    waits = []
    for seconds in (11, 60, 600, 3600):
        server.engine.advance(seconds)
        waits.append(server.get(task_id)["pollIntervalMs"])

    assert waits == [2000, 5000, 15000, 60000]


def test_the_result_is_kept_from_the_end_of_the_work_on(server: BackgroundServer) -> None:
    began = server.begin("build_report", {"title": "2026"})
    server.engine.advance(1800)

    assert began["ttlMs"] == (1 + 24) * 3600 * 1000
    # Lambda counts the retention of an execution from its end.
    assert server.get(began["taskId"])["ttlMs"] == (1800 + 24 * 3600) * 1000


def test_a_tool_without_steps_runs_once(server: BackgroundServer) -> None:
    task = server.finish("add_up", {"numbers": [1, 2]})

    assert (task["status"], text(task["result"])) == ("completed", '{\n  "result": 3\n}')
    assert "statusMessage" not in task
    assert reports.runs == ["add_up"]


def test_questions_go_to_the_user_and_may_be_answered_one_by_one(server: BackgroundServer) -> None:
    task_id = server.begin("ask_twice")["taskId"]

    asked = server.get(task_id)
    assert asked["status"] == "input_required"
    first, second = asked["inputRequests"]
    assert asked["inputRequests"][first]["params"]["message"] == "Sure?"
    server.answer(task_id, accept(sure=True))
    assert list(server.get(task_id)["inputRequests"]) == [second]
    server.ask("tasks/update", task_id, inputResponses={first: DECLINE, "unknown": 1})
    server.answer(task_id, accept(title="Orders"))
    done = server.get(task_id)
    assert (done["status"], text(done["result"])) == ("completed", "True Orders")


def test_a_user_may_decline(server: BackgroundServer) -> None:
    task_id = server.begin("ask_twice")["taskId"]
    server.answer(task_id, DECLINE, accept(title="Orders"))

    assert text(server.get(task_id)["result"]) == "declined"


def test_an_answer_has_the_form_of_an_answer(server: BackgroundServer) -> None:
    task_id = server.begin("ask_twice")["taskId"]
    answer = server.ask(
        "tasks/update", task_id, inputResponses={next(iter(server.get(task_id)["inputRequests"])): 1}
    )

    assert (answer.status, answer.json["error"]["code"]) == (400, -32602)
    assert "accept, decline or cancel" in answer.json["error"]["message"]


def test_nobody_answers_as_long_as_the_work_may_take(server: BackgroundServer) -> None:
    task = server.finish("ask_twice")

    assert task["status"] == "failed"
    assert task["error"]["message"] == (
        "Nobody answered the question of the work in the time that the work may take, so it was ended."
    )


def test_ask_and_visit_of_a_call_work_too(server: BackgroundServer) -> None:
    task_id = server.begin("ask_otherwise")["taskId"]
    server.answer(task_id, accept(sure=True))
    (request,) = server.get(task_id)["inputRequests"].values()
    assert request["params"]["url"] == "https://example.com/"
    server.answer(task_id, VISITED)

    assert text(server.get(task_id)["result"]) == "True 7 True"


@pytest.mark.parametrize(
    ("tool", "said"),
    [
        ("fail", "No orders in this year."),
        ("crash", "The tool failed unexpectedly. The cause is in the server's log."),
        ("ask_or_raise", "no page"),
    ],
)
def test_what_a_tool_raises_is_a_result(server: BackgroundServer, tool: str, said: str) -> None:
    forms = {**TASKS, "elicitation": {"form": {}}}
    task_id = server.rig.call(tool, capabilities=forms)["taskId"]
    task = server.get(task_id)

    assert (task["status"], task["result"]["isError"], text(task["result"])) == ("completed", True, said)


def test_an_error_of_the_protocol_fails_the_task(server: BackgroundServer) -> None:
    task = server.finish("break_protocol")

    assert task["status"] == "failed"
    assert task["error"]["code"] == -32600
    assert task["error"]["message"] == task["statusMessage"]
    assert "result" not in task


def test_cancelled_work_stops_at_its_next_step(server: BackgroundServer) -> None:
    task_id = server.begin("build_report", {"title": "2026"})["taskId"]
    for _ in range(2):  # the second time it is over
        answer = server.ask("tasks/cancel", task_id)
        assert (answer.status, answer.json["result"].keys()) == (200, {"resultType", "_meta"})
    server.engine.advance(3600)

    assert server.get(task_id)["status"] == "cancelled"
    assert server.engine.only.invocations == 1


@pytest.mark.parametrize("method", ["tasks/get", "tasks/update", "tasks/cancel"])
def test_a_client_has_to_declare_the_extension(server: BackgroundServer, method: str) -> None:
    task_id = server.begin("add_up", {"numbers": []})["taskId"]
    more: dict[str, Any] = {"inputResponses": {}} if method == "tasks/update" else {}
    error = server.ask(method, task_id, PLAIN, **more).json["error"]

    assert error["code"] == -32021
    assert error["data"] == {"requiredCapabilities": {"extensions": {EXTENSION: {}}}}
    older = server.ask(method, task_id, PLAIN, version="2025-11-25", **more)
    assert older.json["error"]["code"] == -32601


def test_a_tool_may_ask_before_its_task_begins(server: BackgroundServer) -> None:
    call = Conversation(server.rig, "ask_before", capabilities=TASKS)

    assert [each["message"] for each in call.asked()] == ["Title?"]
    assert not server.engine.executions
    task = call.send(accept(title="Orders"))
    assert (task["resultType"], "requestState" in task) == ("task", False)
    assert text(server.get(task["taskId"])["result"]) == "Orders written"


def test_a_tool_may_insist_on_tasks(server: BackgroundServer) -> None:
    answer = server.rig.exchange("tools/call", {"name": "insist", "arguments": {}}, capabilities=PLAIN)

    assert (answer.status, answer.json["error"]["code"]) == (400, -32021)
    assert not server.engine.executions
    assert text(server.finish("insist")["result"]) == "done"


def test_the_header_names_the_task(server: BackgroundServer) -> None:
    task_id = server.begin("add_up", {"numbers": []})["taskId"]
    answer = server.ask("tasks/get", task_id, headers={"mcp-name": "another"})

    assert (answer.status, answer.json["error"]["code"]) == (400, -32020)


def test_the_list_promises_a_schema_to_clients_that_know_tasks_alone(server: BackgroundServer) -> None:
    def schemas(capabilities: Any) -> dict[str, bool]:
        tools = server.rig.exchange("tools/list", capabilities=capabilities).json["result"]["tools"]
        return {each["name"]: "outputSchema" in each for each in tools}

    assert schemas(TASKS)["add_up"]
    assert not schemas(PLAIN)["add_up"]
    assert schemas(PLAIN)["greet"]


def test_other_tools_stay_as_they_are(server: BackgroundServer) -> None:
    assert text(server.rig.call("greet", {"name": "Ada"}, capabilities=TASKS)) == "Hello, Ada!"
    assert not server.engine.executions


def test_the_worker_gets_claims_and_no_token(server: BackgroundServer) -> None:
    server.begin("add_up", {"numbers": [1]})
    payload = read_payload(server.engine.only)

    assert payload["session"]["claims"]["sub"] == "user_01ALICE"
    assert payload["arguments"] == {"numbers": [1]}
    assert "eyJ" not in server.engine.only.payload


def test_a_call_that_is_repeated_with_one_key_is_one_execution(server: BackgroundServer) -> None:
    def begin(title: str) -> Any:
        headers = {"idempotency-key": "once"}
        answer = server.rig.exchange(
            "tools/call",
            {"name": "build_report", "arguments": {"title": title}},
            headers=headers,
            capabilities=TASKS,
            token=token,
        )
        return answer.json["result"]

    token = server.issuer.token()
    begin("2026")
    begin("2026")

    assert len(server.engine.executions) == 1
    assert "has begun already" in text(begin("2025"))
    token = server.issuer.token(jti="01RENEWED")
    assert "with other arguments or another access token" in text(begin("2026"))
    assert len(server.engine.executions) == 1
