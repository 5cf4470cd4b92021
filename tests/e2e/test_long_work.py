"""Other people's clients and a tool that takes 45 seconds, from the gateway to the worker.

All clients begin at the same time, because they mostly wait.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tests.blocks import blocks
from tests.clients.platforms import find_platform_packages
from tests.e2e.long_work import SECONDS, make_project, running_long_work
from tests.e2e.work_agents import run_claude_code
from tests.e2e.work_clients import (
    COMMAND,
    PATIENCE,
    run_inspector,
    run_python,
    run_terminal,
    run_typescript,
    run_with_tasks,
)

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(2 * PATIENCE)]
Find = Callable[[str], Any]
QUESTION = "Write the report of 12 orders?"
MESSAGES = ("Reading orders", "Counting 12 orders", "Writing")
MISSING = "The orders of March are missing."
UNKNOWN = "There is no such work."
CLIENTS = {
    "TypeScript SDK v2": ("2026-07-28", True),
    "TypeScript SDK v1": ("2025-11-25", False),
    "Python SDK": ("2026-07-28", True),
    "Python SDK, older era": ("2025-11-25", False),
}
"""Clients without tasks: the version that they speak, and whether they are asked questions."""
every_client = pytest.mark.parametrize("client", CLIENTS)


@pytest.fixture(scope="module")
def claude_code() -> None:
    if not find_platform_packages("@anthropic-ai/claude-code"):
        pytest.skip("Claude Code is not in the registry for this platform")


@pytest.fixture(scope="module")
def find(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Find]:
    """What a client has seen."""
    make_home = tmp_path_factory.mktemp
    project = make_project(make_home("project"))
    with running_long_work(project, make_home("state")) as stack, ThreadPoolExecutor(max_workers=8) as pool:
        started: dict[str, Future[Any]] = {
            "ext-tasks": pool.submit(run_with_tasks, stack, make_home("tasks")),
            "TypeScript SDK v2": pool.submit(run_typescript, stack, make_home("v2"), "v2"),
            "TypeScript SDK v1": pool.submit(run_typescript, stack, make_home("v1"), "v1"),
            "Python SDK": pool.submit(run_python, stack, "2026-07-28"),
            "Python SDK, older era": pool.submit(run_python, stack, "2025-11-25"),
            "MCP Inspector": pool.submit(run_inspector, stack, make_home("inspector")),
            "make call": pool.submit(run_terminal, stack),
            "Claude Code": pool.submit(run_claude_code, project, make_home("agent")),
        }
        yield lambda client: started[client].result(timeout=PATIENCE)


def text(result: dict[str, Any]) -> str:
    return str(result["content"][0]["text"])


def report(*, asked: bool) -> dict[str, Any]:
    return {"orders": 12, "asked": asked}


@pytest.mark.parametrize("scenario", ["result", "question"])
def test_a_client_with_tasks_gets_the_result_and_sees_how_far_the_work_is(find: Find, scenario: str) -> None:
    seen = find("ext-tasks")[scenario]

    assert (seen["version"], seen["kind"], seen["status"]) == ("2026-07-28", "task", "completed")
    assert seen["seconds"] >= SECONDS
    # A busy client or machine may miss one, above all the first, which is there for a second only.
    assert seen["messages"]
    assert seen["messages"] == [each for each in MESSAGES if each in seen["messages"]]
    assert seen["asked"] == ([QUESTION] if scenario == "question" else [])
    assert seen["result"]["structuredContent"] == report(asked=scenario == "question")


def test_a_client_with_tasks_sees_both_kinds_of_error(find: Find) -> None:
    of_tool, of_protocol = (find("ext-tasks")[each] for each in ("tool error", "protocol error"))

    assert (of_tool["status"], of_tool["result"]["isError"]) == ("completed", True)
    assert text(of_tool["result"]) == MISSING
    assert (of_protocol["status"], of_protocol["error"]["code"]) == ("failed", -32600)
    assert "sampling/createMessage" in of_protocol["error"]["message"]


def test_a_client_with_tasks_cancels_one(find: Find) -> None:
    seen = find("ext-tasks")["cancellation"]

    assert [seen[each] for each in ("before", "status", "later")] == ["working", "cancelled", "cancelled"]


def test_a_task_is_found_by_another_connection_with_another_token(find: Find) -> None:
    seen = find("ext-tasks")["reconnection"]

    first, second = seen["tokens"]
    assert first != second
    assert (seen["status"], seen["result"]["structuredContent"]) == ("completed", report(asked=False))


def test_another_user_hears_that_there_is_no_such_task(find: Find) -> None:
    seen = find("ext-tasks")["another user"]

    assert [each["code"] for each in seen["heard"].values()] == [-32602] * 3
    assert all(each["message"].startswith(UNKNOWN) for each in seen["heard"].values())
    assert seen["status"] == "working"


@every_client
def test_a_client_without_tasks_comes_back_with_its_handle_until_the_result_is_there(
    find: Find, client: str
) -> None:
    version, is_asked = CLIENTS[client]
    seen = find(client)["question" if is_asked else "result"]
    first, *others, last = seen["answers"]

    assert seen["version"] == version
    assert seen["asked"] == ([QUESTION] if is_asked else [])
    assert first["data"]["status"] == "working"
    assert "Call get_result with this handle in 2 s, or cancel_work to end the work" in first["text"]
    assert {each["data"]["status_message"] for each in (first, *others)} & set(MESSAGES)
    assert {each["data"]["handle"] for each in others} <= {first["data"]["handle"]}
    assert last["seconds"] >= SECONDS
    assert (last["data"], last["is_error"]) == (report(asked=is_asked), False)


@every_client
def test_a_client_without_tasks_sees_the_error_of_the_tool(find: Find, client: str) -> None:
    *others, last = find(client)["tool error"]["answers"]

    assert all(each["data"]["handle"] for each in others)
    assert (last["text"], last["is_error"], last["data"]) == (MISSING, True, None)


@every_client
def test_a_client_without_tasks_ends_the_work(find: Find, client: str) -> None:
    before, ended, later = find(client)["cancellation"]["answers"][-3:]
    is_asked = CLIENTS[client][1]

    # A client that cannot be asked reads the question.
    assert before["data"]["status"] == ("working" if is_asked else "input_required")
    assert (QUESTION in before["text"]) is not is_asked
    assert (ended["text"].split(".")[0], ended["is_error"]) == (
        "The work of build_report is cancelled",
        False,
    )
    assert (later["text"].split(".")[0], later["is_error"]) == ("The work of build_report was cancelled", True)


def test_the_inspector_waits_for_the_task_and_shows_its_result(find: Find) -> None:
    (only,) = find("MCP Inspector")["result"]

    assert only["structuredContent"] == report(asked=False)


def test_the_inspector_in_the_older_era_comes_back_with_the_handle(find: Find) -> None:
    seen = find("MCP Inspector")
    ended, later = seen["cancellation"]

    assert (QUESTION in text(seen["question"][-1]), seen["question"][0]["isError"]) == (True, False)
    assert text(ended).startswith("The work of build_report is cancelled.")
    assert text(later).startswith("The work of build_report was cancelled.")
    assert (text(seen["tool error"][-1]), seen["tool error"][-1]["isError"]) == (MISSING, True)


def test_make_call_follows_the_work_as_on_the_page(find: Find) -> None:
    (block,) = (each for each in blocks("text", "docs/terminal.md") if each.startswith(COMMAND))

    written = re.sub(r'"v1\.[\w-]+"', '"v1.2GkQ..."', find("make call"))

    # These messages are there for a moment only, so they are seldom seen.
    assert re.sub("(Reading the reports|Writing)\n", "", written) == block.removeprefix(COMMAND)


@pytest.mark.usefixtures("claude_code")
def test_an_agent_comes_back_for_the_result_because_the_tool_says_so(find: Find) -> None:
    agent = find("Claude Code")

    assert '{"orders":12,"asked":false}' in agent.said
    assert len(agent.answers) >= 2
    assert all('"status":"working"' in each for each in agent.answers[:-1])
    assert agent.version == "2026-07-28"
    assert len(agent.tokens) >= 2
