"""Cancelled work stops where it is, also where it waits for something that is not its work."""

import asyncio

import pytest

from app.protocol.tasks.stopping import FIRST_LOOK_SECONDS, MAX_LOOK_SECONDS
from infra.local.testing.engine import Refused
from tests.background import BackgroundServer
from tests.catalogues.background.tools import reports
from tests.log import Log


class StoppedAtLook:
    """Stops the only execution before the worker looks for the nth time; its pauses take no time."""

    def __init__(self, look: int = 1) -> None:
        self.server: BackgroundServer | None = None
        self.look = look
        self.pauses: list[float] = []
        self.is_waiting = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        assert self.server is not None
        await self.is_waiting.wait()
        self.pauses.append(seconds)
        engine = self.server.engine
        engine.failing.clear()
        if len(self.pauses) == self.look:
            engine.stop_durable_execution(DurableExecutionArn=engine.only.arn)
        elif len(self.pauses) == self.look - 1:
            engine.failing["get_durable_execution"] = Refused("TooManyRequestsException", status=429)


def serve(look: int = 1) -> tuple[BackgroundServer, StoppedAtLook]:
    pause = StoppedAtLook(look)
    reports.runs.clear()
    reports.kills[:] = [pause.is_waiting.set]
    pause.server = BackgroundServer(pause=pause)
    return pause.server, pause


@pytest.mark.matrix
@pytest.mark.parametrize("tool", ["wait_beside", "wait_in_step", "wait_whole"])
def test_cancelled_work_ends_where_it_waits(log: Log, tool: str) -> None:
    server, pause = serve()
    task_id = server.begin(tool)["taskId"]

    assert reports.runs == ["ended"]
    assert pause.pauses == [FIRST_LOOK_SECONDS]
    assert server.get(task_id)["status"] == "cancelled"
    assert server.engine.only.invocations == 1
    assert log("work") == []


def test_the_same_worker_goes_on_with_other_work(log: Log) -> None:
    server, _ = serve()
    server.begin("wait_in_step")
    server.engine.executions.clear()

    assert server.finish("add_up", {"numbers": [1, 2]})["result"]["structuredContent"] == {"result": 3}
    assert [line["tool"] for line in log("work")] == ["add_up"]


def test_it_looks_less_often_the_longer_it_takes_and_lives_with_an_engine_that_does_not_answer() -> None:
    server, pause = serve(look=9)
    server.begin("wait_beside")

    assert pause.pauses[:2] == [FIRST_LOOK_SECONDS, FIRST_LOOK_SECONDS * 1.5]
    assert pause.pauses[-1] == MAX_LOOK_SECONDS
    assert (len(pause.pauses), reports.runs) == (9, ["ended"])
