"""One deadline for each exchange, before Lambda's own: who is ended, what its caller hears, what goes on."""

import asyncio
import gc
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from mcp_types import PaginatedRequestParams

from app.protocol.wire.deadline import (
    GRACE_SECONDS,
    MARGIN_SECONDS,
    MAX_EXCHANGE_SECONDS,
    Deadline,
    DeadlinePassed,
    WorkBroken,
    run_until,
)
from tests.catalogues import calling
from tests.catalogues.calling import takes_time
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, MODERN, Rig

pytestmark = pytest.mark.matrix("version")

SHORT = 0.05


@dataclass(frozen=True)
class Context:
    """Lambda's, as far as it is asked."""

    milliseconds: int

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@dataclass(frozen=True)
class Invocation:
    aws_request_id: str


ENDS_SOON = Context(int((MARGIN_SECONDS + SHORT) * 1000))


@pytest.fixture(autouse=True)
def outcome() -> Iterator[None]:
    """Nothing has happened yet, and nothing goes on afterwards."""
    takes_time.events.clear()
    takes_time.clinging.clear()
    takes_time.released.clear()
    yield
    takes_time.released.set()
    for task in takes_time.clinging:
        task.cancel()
        task.get_loop().run_until_complete(asyncio.wait([task]))


def text(result: Any) -> str:
    assert result["isError"] is True
    said: str = result["content"][0]["text"]
    return said


@pytest.mark.parametrize("version", ERAS)
def test_a_tool_is_ended_before_lambda_ends_the_function_and_cleans_up(version: str) -> None:
    result = Rig(tools=calling, context=ENDS_SOON).call("waits", version=version)

    assert text(result) == "The tool was ended after 0.05 seconds. It may have done part of its work."
    assert takes_time.events == ["cleaned up"]


@pytest.mark.parametrize("version", ERAS)
def test_a_shorter_limit_of_the_servers_own_holds_too(version: str) -> None:
    rig = Rig(tools=calling, context=Context(29_000), tool_seconds=SHORT)

    assert text(rig.call("waits", version=version)).startswith("The tool was ended after 0.05 seconds.")


@pytest.mark.parametrize("version", ERAS)
def test_what_an_ended_tool_said_comes_with_the_error(version: str) -> None:
    params = {"name": "waits", "arguments": {}, "_meta": {"progressToken": "p"}}

    progress, reply = (
        Rig(tools=calling, tool_seconds=SHORT).exchange("tools/call", params, version=version).messages
    )

    assert progress["params"]["message"] == "waiting"
    assert "was ended" in text(reply["result"])


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("milliseconds", [0, 999, 1000])
def test_without_time_left_nothing_is_started(milliseconds: int, version: str) -> None:
    rig = Rig(tools=calling, context=Context(milliseconds))

    result = rig.call("asks_the_time", version=version)

    assert text(result) == "There was no time left for the tool: nothing was done. Try again."
    assert takes_time.events == []
    answer = rig.exchange("tools/list", version=version)
    assert answer.json["error"] == {
        "code": -32603,
        "message": "There was no time left for the request: nothing was done. Try again.",
    }


@pytest.mark.parametrize(
    ("milliseconds", "most"), [(29_000, 28), (5_000, 4), (1_500, 0.5), (900_000, 28), (28_000, 27)]
)
def test_a_tool_is_told_the_time_until_then_and_never_more_than_the_gateway_gives(
    milliseconds: int, most: float
) -> None:
    left = Rig(tools=calling, context=Context(milliseconds)).call("asks_the_time")["structuredContent"]["result"]

    assert most - 0.3 < left < most


def test_without_lambda_it_is_the_gateways_time() -> None:
    left = Rig(tools=calling).call("asks_the_time")["structuredContent"]["result"]

    assert MAX_EXCHANGE_SECONDS - 0.3 < left < MAX_EXCHANGE_SECONDS


def test_the_next_invocation_has_its_own_time() -> None:
    rig = Rig(tools=calling, context=ENDS_SOON)
    rig.call("waits")
    rig.context = Context(29_000)

    assert rig.call("asks_the_time")["structuredContent"]["result"] > 27


@pytest.mark.parametrize("version", ERAS)
def test_a_tool_may_give_what_it_has_when_its_time_is_over(version: str) -> None:
    rig = Rig(tools=calling, tool_seconds=SHORT)

    assert rig.call("saves", version=version)["structuredContent"] == {"result": "3 of 10, 0.0 left"}
    assert text(rig.call("saves", {"raises": True}, version=version)) == "3 of 10 are done: go on with the 4th"


@pytest.mark.parametrize("version", ERAS)
def test_a_tool_that_ignores_its_end_is_left_behind(version: str, log: Log) -> None:
    rig = Rig(tools=calling, tool_seconds=SHORT)

    result = rig.call("clings", version=version)

    assert text(result) == (
        "The tool was given up after 0.05 seconds. It could not be stopped and may still do what it was asked for."
    )
    assert takes_time.events == ["ignored"]
    assert [(line["level"], line["what"]) for line in log("work left behind")] == [("ERROR", "tool")]
    (exchange,) = log("exchange")
    assert (exchange["tool"], exchange["outcome"], exchange["status"]) == ("clings", "tool_error", 200)
    assert exchange["ms"] < (SHORT + GRACE_SECONDS + 0.4) * 1000
    if version == MODERN:
        assert result["resultType"] == "complete"
        assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["version"]
    else:
        assert set(result) == {"content", "isError"}
    assert rig.call("asks_the_time", version=version)["isError"] is False


@pytest.mark.parametrize("version", ERAS)
def test_the_thread_of_a_sync_tool_goes_on_and_its_caller_is_told(version: str, log: Log) -> None:
    before = threading.active_count()

    result = Rig(tools=calling, tool_seconds=SHORT).call("blocks", version=version)

    assert text(result).startswith("The tool was given up after 0.05 seconds. It could not be stopped")
    assert log("thread left behind")[0]["tool"] == "blocks"
    assert takes_time.events == []
    takes_time.released.set()
    for thread in threading.enumerate()[before:]:
        thread.join(5)
    assert takes_time.events == ["finished all the same"]


@pytest.mark.parametrize("version", ERAS)
def test_a_prompt_a_resource_and_a_completion_are_ended_with_an_error(version: str, write: Write) -> None:
    wait = ":\n    'D.'\n    await asyncio.Event().wait()\n    return 'x'\n"
    prompts = write(
        p="import asyncio\nfrom typing import Annotated\nfrom app.authoring import Complete\n"
        "from app.authoring import prompt\n"
        f"async def values(prefix: str) -> list[str]{wait}"
        f"@prompt()\nasync def p(a: Annotated[str, Complete(values)] = '') -> str{wait}"
    )
    resources = write(
        r=f"import asyncio\nfrom app.authoring import resource\n@resource('one://x')\nasync def r() -> str{wait}"
    )
    rig = Rig(tools=calling, prompts=prompts, resources=resources, tool_seconds=SHORT)
    completing = {"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": "x"}}

    for word, method, params in (
        ("prompt", "prompts/get", {"name": "p"}),
        ("resource", "resources/read", {"uri": "one://x"}),
        ("completion", "completion/complete", completing),
    ):
        answer = rig.exchange(method, params, version=version)
        assert answer.status == 200
        assert answer.json["error"] == {
            "code": -32603,
            "message": f"The {word} was ended after 0.05 seconds. It may have done part of its work.",
        }


@pytest.mark.parametrize("version", ERAS)
def test_what_is_no_call_of_an_authors_function_has_the_same_time(version: str) -> None:
    async def wait(context: Any, params: Any) -> Any:
        await asyncio.Event().wait()

    rig = Rig(
        tool_seconds=SHORT,
        extend=lambda server: server.add_request_handler("tools/list", PaginatedRequestParams, wait),
    )

    answer = rig.exchange("tools/list", version=version)

    assert answer.json["error"]["message"].startswith("The request was ended after 0.05 seconds.")


def test_work_left_behind_may_end_in_any_way_and_nobody_hears_of_it(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    release = asyncio.Event()

    async def cling(raises: bool) -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        raise ValueError("sk_secret") if raises else asyncio.CancelledError

    async def scenario() -> None:
        for raises in (True, False):
            with pytest.raises(DeadlinePassed, match="given up"):
                await run_until(Deadline.after(SHORT), "tool", partial(cling, raises))
        release.set()
        await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})

    asyncio.run(scenario())
    gc.collect()  # when asyncio says of a task that nobody asked how it ended

    assert len(log("work left behind")) == 2
    assert "sk_secret" not in caplog.text
    assert "retrieved" not in caplog.text


def test_who_cancels_the_exchange_cancels_what_runs_in_it() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def scenario() -> None:
        exchange = asyncio.ensure_future(run_until(Deadline.after(20), "tool", work))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        exchange.cancel()
        with pytest.raises(asyncio.CancelledError):
            await exchange

    asyncio.run(scenario())

    assert ended.is_set()


def test_what_work_does_before_its_first_await_is_of_its_time() -> None:
    deadline = Deadline.after(5)

    def start() -> Any:
        deadline.at -= 5  # all of it
        return asyncio.Event().wait()

    async def scenario() -> None:
        with pytest.raises(DeadlinePassed, match="ended after 5 seconds"):
            await asyncio.wait_for(run_until(deadline, "tool", start), 2)

    asyncio.run(scenario())


@pytest.mark.parametrize("version", ERAS)
def test_what_work_left_behind_logs_has_the_ids_of_its_own_call(version: str, log: Log) -> None:
    rig = Rig(tools=calling, tool_seconds=SHORT)
    rig.context = Invocation("lambda-1")
    rig.call("clings", {"raises": True}, version=version)
    (left,) = takes_time.clinging
    left.cancel()
    takes_time.released.set()

    rig.context = Invocation("lambda-2")
    rig.exchange("tools/list", version=version)

    (raised,) = log("tool raised")
    assert (raised["request_id"], raised["exception_name"]) == ("lambda-1", "ZeroDivisionError")
    assert [line["request_id"] for line in log("exchange")] == ["lambda-1", "lambda-2"]


def test_work_that_cancels_itself_was_not_ended_by_the_deadline(log: Log) -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    async def scenario() -> None:
        with pytest.raises(WorkBroken, match=r"The tool failed unexpectedly\."):
            await run_until(Deadline.after(20), "tool", work)

    asyncio.run(scenario())

    assert log("work cancelled itself")[0]["what"] == "tool"


def test_work_that_is_over_as_it_begins_needs_no_deadline() -> None:
    """From Python 3.12 on, tasks begin at once."""

    def begin(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any]) -> Any:
        over: asyncio.Future[Any] = loop.create_future()
        try:
            work.send(None)
        except StopIteration as stopped:
            over.set_result(stopped.value)
        return over

    async def quick() -> str:
        return "done"

    assert asyncio.run(run_until(Deadline.after(5), "tool", quick, begin)) == "done"
