"""An await that a background tool forgot is an error: its author learns what to write."""

import pytest

from tests.background import PLAIN, BackgroundServer, text
from tests.log import Log


@pytest.mark.matrix
@pytest.mark.parametrize("what", ["say", "step", "sleep", "ask", "visit"])
def test_a_forgotten_await_is_an_error(server: BackgroundServer, log: Log, what: str) -> None:
    task = server.begin("forget_await", {"what": what})
    server.engine.advance(3600)
    result = server.get(task["taskId"])["result"]

    assert result["isError"]
    assert text(result) == "The tool failed unexpectedly. The cause is in the server's log."
    (line,) = log("tool raised")
    assert f"did not wait for work.{what}: write `await work.{what}(...)`" in line["exception"]
    assert (line["tool"], line["file"].endswith("mistakes.py")) == ("forget_await", True)


def test_a_client_that_cannot_be_asked_finds_it_too(server: BackgroundServer, log: Log) -> None:
    result = server.rig.call("forget_await", {"what": "ask"}, capabilities={})
    server.engine.advance(3600)
    said = server.rig.call("get_result", {"handle": result["structuredContent"]["handle"]}, capabilities=PLAIN)

    assert said["isError"]
    assert "work.ask" in log("tool raised")[0]["exception"]


def test_another_failure_of_the_tool_stays_what_it_is(server: BackgroundServer) -> None:
    assert text(server.finish("forget_and_fail")["result"]) == "failed"


def test_what_is_waited_for_in_another_way_is_no_mistake(server: BackgroundServer) -> None:
    assert server.finish("wait_together")["result"]["structuredContent"] == {"result": ["1", "2"]}
