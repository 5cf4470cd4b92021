"""A tool that asks runs again with the answer, and a tool has to do the same in each run."""

from tests.background import BackgroundServer, text
from tests.catalogues.background.tools import orders
from tests.log import Log


def test_another_order_ends_the_work_and_the_log_says_where(server: BackgroundServer, log: Log) -> None:
    orders.NAMES[:] = ["first", "second"]
    task = server.finish("change_order")

    assert task["status"] == "failed"
    assert "its tool does not do the same steps as when the work began" in task["error"]["message"]
    (line,) = log("tool did other steps")
    assert line["tool"] == "change_order"
    assert "have to come in the same order in each run" in line["exception"]
    assert "name checkpoint='first' current='second'" in line["exception"]
    assert "await work.step(NAMES.pop(0), list)" in line["exception"]
    assert log("work")[0]["outcome"] == "error"


def test_a_tool_asks_without_a_work(server: BackgroundServer) -> None:
    orders.NAMES[:] = ["kept once"]
    task = server.begin("ask_alone")
    server.engine.advance(1)
    server.answer(task["taskId"], {"action": "accept", "content": {"count": 3}})
    server.engine.advance(1)

    assert text(server.get(task["taskId"])["result"]) == "3 kept once"


def test_a_dependency_asks_too(server: BackgroundServer) -> None:
    task = server.begin("ask_below")
    server.engine.advance(1)
    server.answer(task["taskId"], {"action": "accept", "content": {"count": 4}})
    server.engine.advance(1)

    assert server.get(task["taskId"])["result"]["structuredContent"] == {"result": 4}


def test_without_an_otherwise_the_work_waits_until_its_time_is_over(server: BackgroundServer) -> None:
    began = server.rig.call("ask_anybody", capabilities={})["structuredContent"]
    assert began["status"] == "input_required"
    server.engine.advance(5 * 60 + 1)
    said = server.rig.call("get_result", {"handle": began["handle"]}, capabilities={})

    assert said["isError"]
    assert text(said).startswith("Nobody answered the question of the work in the time that the work may take")


def test_a_timeout_around_a_question_never_runs_out(server: BackgroundServer) -> None:
    task_id = server.begin("ask_for_a_minute")["taskId"]
    server.engine.advance(30 * 60)
    server.answer(task_id, {"action": "accept", "content": {"count": 5}})

    assert server.get(task_id)["result"]["structuredContent"] == {"result": 5}
