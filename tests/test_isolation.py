"""What a call can do wrong harms its own caller: an answer, a record, and nothing of it in the next call."""

import asyncio
import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from app.protocol.asking.round_trip import RoundTripEnd
from app.runtime.threads import (
    AUTHORS,
    MAX_THREADS,
    MAX_THREADS_PER_CALL,
    CallThreads,
    NoThreadLeft,
    end_fork_of,
    in_server_thread,
)
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, Rig

pytestmark = pytest.mark.matrix("version")

HEAD = """
import asyncio, concurrent.futures, contextvars, gc, os, signal, socket, sys, threading, time
from typing import Annotated
from fastapi import Depends
from pydantic import AfterValidator, BaseModel, model_validator
from app.authoring import CurrentAsk, get_ask
from app.authoring import check
from app.authoring import Complete
from app.authoring import prompt
from app.authoring import resource
from app.runtime.threads import AUTHORS
from app.authoring import tool

released = threading.Event()
kept = []

class Panic(BaseException):
    "As pyo3's PanicException."

class Sure(BaseModel):
    sure: bool
"""
BAD = "The tool failed unexpectedly. The cause is in the server's log."

RAISES: dict[str, str] = {
    "a panic of a Rust library": "raise Panic('sk_secret')",
    "GeneratorExit": "raise GeneratorExit('sk_secret')",
    "KeyboardInterrupt": "raise KeyboardInterrupt('sk_secret')",
    "SystemExit": "sys.exit('sk_secret')",
    "a group": "raise BaseExceptionGroup('sk_secret', [Panic(), KeyboardInterrupt()])",
    "CancelledError": "raise asyncio.CancelledError('sk_secret')",
    "StopIteration": "raise StopIteration('sk_secret')",
    "StopAsyncIteration": "raise StopAsyncIteration('sk_secret')",
    "MemoryError": "raise MemoryError('sk_secret')",
    "endless recursion": "f = lambda n: f(n + 1); f(0)",
    "a class of exception": "raise KeyboardInterrupt",
}
AWAITS: dict[str, str] = {
    **RAISES,
    "the end of all tasks": "[task.cancel() for task in asyncio.all_tasks()]; await asyncio.sleep(30)",
    "the end of its own task": "asyncio.current_task().cancel(); await asyncio.sleep(30)",
    "SystemExit in a task": "await asyncio.create_task(dies(SystemExit))",
    "SystemExit in a group": "await asyncio.gather(dies(SystemExit), dies(KeyboardInterrupt))",
    "KeyboardInterrupt in a task": "await asyncio.create_task(dies(KeyboardInterrupt))",
    "a panic in a task": "await asyncio.create_task(dies(Panic))",
    "SystemExit in a thread": "await asyncio.to_thread(sys.exit, 3)",
    "StopIteration in a thread": "await asyncio.to_thread(next, iter([]))",
    "a panic in a task group": "async with asyncio.TaskGroup() as group: group.create_task(dies(Panic))",
    "the end of the loop": "asyncio.get_running_loop().close()",
    "a loop in the loop": "asyncio.get_running_loop().run_until_complete(asyncio.sleep(0))",
    "an executor of its own": "asyncio.get_running_loop().set_default_executor(AUTHORS)",
    "the handler itself": "import app.handler; app.handler.handler({}, None)",
    "a kept answer that panics": "await get_ask().keep('it', lambda: dies(Panic))",
}
GOES_ON: dict[str, str] = {
    "stops the loop": "asyncio.get_running_loop().stop(); await asyncio.sleep(0)",
    "stops the loop twice": "[asyncio.get_running_loop().stop() or await asyncio.sleep(0) for _ in range(2)]",
    "stops the loop elsewhere": "await asyncio.to_thread(asyncio.get_running_loop().stop); await asyncio.sleep(0)",
    "another loop is the thread's": "kept.append(asyncio.new_event_loop()); asyncio.set_event_loop(kept[0])",
    "no loop is the thread's": "asyncio.set_event_loop(None)",
    "another factory": "asyncio.get_running_loop().set_task_factory(lambda *a, **k: 1 / 0)",
    "an exception handler": "asyncio.get_running_loop().set_exception_handler(lambda *a: sys.exit())",
    "the executor's end": "await asyncio.get_running_loop().shutdown_default_executor()",
    "the pool's end": "asyncio.get_running_loop()._default_executor.shutdown()",
    "all generators' end": "await asyncio.get_running_loop().shutdown_asyncgens()",
    "an alarm": "signal.signal(signal.SIGALRM, boom); signal.setitimer(signal.ITIMER_REAL, 0.05)",
    "a handler of SIGTERM": "signal.signal(signal.SIGTERM, boom)",
    "no Ctrl-C": "signal.signal(signal.SIGINT, signal.SIG_IGN)",
    "a small stack": "sys.setrecursionlimit(len(__import__('inspect').stack()) + 60)",
    "a task that exits later": "kept.append(asyncio.create_task(later(SystemExit)))",
    "a task that panics later": "kept.append(asyncio.create_task(later(Panic)))",
    "a task that raises and is forgotten": "asyncio.create_task(later(ValueError))",
    "a task that interrupts later": "kept.append(asyncio.create_task(later(KeyboardInterrupt)))",
    "a callback that exits": "asyncio.get_running_loop().call_later(0.02, sys.exit, 'sk_secret')",
    "a reader that exits": "is_ready('reader', SystemExit)",
    "a reader that raises": "is_ready('reader', ValueError)",
    "a writer that interrupts": "is_ready('writer', KeyboardInterrupt)",
    "a protocol that exits": "await is_connected(SystemExit)",
    "a signal that exits": "asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, sys.exit, 'sk_secret'); "
    "signal.raise_signal(signal.SIGUSR2); await asyncio.sleep(0.02)",
    "a callback that raises": "asyncio.get_running_loop().call_later(0.02, int, 'sk_secret')",
    "a task that cancels all": "kept.append(asyncio.create_task(cancels_all()))",
    "a task that stops the loop": "kept.append(asyncio.create_task(stops()))",
    "a question in a task of its own": "kept.append(asyncio.create_task(asks(get_ask())))",
}
MORE = """
async def dies(kind):
    await asyncio.sleep(0)
    raise kind("sk_secret")

async def later(kind):
    await asyncio.sleep(0.02)
    raise kind("sk_secret")

def is_ready(what, kind):
    loop, sockets = asyncio.get_running_loop(), socket.socketpair()
    def ends():
        getattr(loop, f"remove_{what}")(sockets[0])
        [each.close() for each in sockets]
        raise kind("sk_secret")
    getattr(loop, f"add_{what}")(sockets[0], ends)
    sockets[1].send(b"x")

async def is_connected(kind):
    class Protocol(asyncio.Protocol):
        def data_received(self, data):
            sockets[1].close()
            raise kind("sk_secret")
    sockets = socket.socketpair()
    await asyncio.get_running_loop().create_connection(Protocol, sock=sockets[0])
    sockets[1].send(b"x")

async def cancels_all():
    while not released.is_set():
        await asyncio.sleep(0.001)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

async def stops():
    while not released.is_set():
        await asyncio.sleep(0.001)
        asyncio.get_running_loop().stop()

async def asks(ask):
    await ask("Sure?", Sure)

def boom(*_):
    raise ValueError("sk_secret")

@tool()
async def usual(seconds: float = 0) -> str:
    "Be as ever."
    assert len(asyncio.all_tasks()) > 0
    await asyncio.sleep(seconds)
    return await asyncio.to_thread(str, "usual")

@tool()
def in_a_thread() -> str:
    "Be as ever."
    return "usual"
"""


def catalogue(write: Write, body: str) -> Any:
    lines = textwrap.indent(body.replace("; ", "\n") if "lambda n" not in body else body, "    ")
    return write(
        bad=f"{HEAD}{MORE}\n@tool()\nasync def bad() -> str:\n    'Do wrong.'\n{lines}\n    return 'went on'\n"
    )


def text(result: Any) -> str:
    said: str = result["content"][0]["text"]
    return said


def of(number: int) -> SimpleNamespace:
    return SimpleNamespace(aws_request_id=f"call-{number}")


def serves_the_next(rig: Rig, log: Log, version: str) -> None:
    """The next calls are as ever, and all that is logged under their ids is their own record."""
    for number, (tool, arguments) in enumerate(
        [("usual", {}), ("in_a_thread", {}), ("usual", {"seconds": 0.1})], 2
    ):
        rig.context = of(number)
        assert text(rig.call(tool, arguments, version=version)) == "usual"
        own = [line for line in log() if line.get("request_id") == f"call-{number}"]
        assert [(line["message"], line["tool"], line["outcome"]) for line in own] == [("exchange", tool, "ok")]
    rig.context = None


@pytest.fixture(autouse=True)
def put_back(write: Write) -> Iterator[None]:
    """Nothing that a tool began goes on behind the other tests; `write` still has the modules that know of it."""
    yield
    for module in [each for name, each in sys.modules.items() if name.startswith("catalogue_")]:
        if hasattr(module, "released"):
            module.released.set()
        for loop in [each for each in getattr(module, "kept", ()) if isinstance(each, asyncio.AbstractEventLoop)]:
            loop.close()
    asyncio.get_event_loop().run_until_complete(asyncio.sleep(0.05))
    gc.collect()  # what asyncio says of tasks that nobody waited for is said now, not in another test


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("kind", AWAITS)
def test_what_is_no_exception_is_a_tool_error_of_its_own_caller(
    kind: str, version: str, write: Write, log: Log
) -> None:
    rig = Rig(tools=catalogue(write, AWAITS[kind]), context=of(1))

    result = rig.call("bad", version=version)

    assert (text(result), result["isError"]) == (BAD, True)
    (record,) = log("exchange")
    assert (record["tool"], record["outcome"], record["request_id"]) == ("bad", "tool_error", "call-1")
    assert all(line["request_id"] == "call-1" for line in log())
    serves_the_next(rig, log, version)


@pytest.mark.matrix
@pytest.mark.parametrize("kind", GOES_ON)
def test_what_a_tool_leaves_behind_harms_no_later_caller(kind: str, write: Write, log: Log) -> None:
    body = GOES_ON[kind]
    rig = Rig(tools=catalogue(write, body), context=of(1))
    before = [signal.getsignal(each) for each in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT)]

    assert text(rig.call("bad")) == "went on"
    serves_the_next(rig, log, ERAS[0])

    assert [signal.getsignal(each) for each in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT)] == before
    assert not 0 < signal.getitimer(signal.ITIMER_REAL)[0] < 1  # what is left is the test runner's own
    assert {line["request_id"] for line in log() if line["message"] != "exchange"} <= {"call-1"}


def test_what_fails_behind_is_told_with_the_ids_and_the_tool_of_its_own_call(write: Write, log: Log) -> None:
    rig = Rig(tools=catalogue(write, GOES_ON["a task that raises and is forgotten"]), context=of(1))
    rig.call("bad")
    serves_the_next(rig, log, ERAS[0])
    gc.collect()  # asyncio says it when the task goes, which some versions of Python leave to the collector

    (line,) = log("background work failed")
    assert (line["request_id"], line["tool"], line["exception_name"]) == ("call-1", "bad", "ValueError")


def test_a_task_that_is_left_behind_on_purpose_goes_on(write: Write, log: Log) -> None:
    body = "kept.append(asyncio.create_task(asyncio.sleep(0.02, 'done')))"
    tools = catalogue(write, body)
    rig = Rig(tools=tools)
    rig.call("bad")
    rig.call("usual", {"seconds": 0.1})

    assert sys.modules[f"{tools.__name__}.bad"].kept[0].result() == "done"


ELSEWHERE = """
async def dependency() -> int:
    {body}

async def may(number: int = 0) -> bool:
    {body}

def validates(value):
    {body}

@tool()
async def depends(number: Annotated[int, Depends(dependency)]) -> str:
    "Depend."
    return "x"

@tool(requires=check(may, needs="luck"))
async def checked(number: int = 0) -> str:
    "Be checked."
    return "x"

@tool()
async def validated(number: Annotated[int, AfterValidator(validates)]) -> str:
    "Be validated."
    return "x"

@tool()
def in_thread() -> str:
    "Be sync."
    {body}

class Bad(BaseModel):
    @property
    def it(self): ...
    def model_dump(self, **options):
        {body}

class Told(Exception):
    def __str__(self):
        {body}

@tool()
async def tells() -> str:
    "Raise what cannot be told."
    from app.authoring import ToolError
    raise type("Own", (ToolError,), {{"__str__": Told.__str__}})()

@tool()
async def asks(ask: CurrentAsk) -> str:
    "Ask, and do wrong on the way out."
    try:
        answer = await ask("Sure?", Sure)
    finally:
        {body}
"""
PLACES = {"depends": {}, "checked": {}, "validated": {"number": 1}, "in_thread": {}, "tells": {}}
ANYWHERE = [
    "raise Panic()",
    "raise GeneratorExit",
    "raise KeyboardInterrupt",
    "sys.exit(3)",
    "raise StopIteration",
]


@pytest.mark.matrix("body")
@pytest.mark.parametrize("body", ANYWHERE)
@pytest.mark.parametrize("tool", PLACES)
def test_it_is_a_tool_error_wherever_the_authors_code_runs(tool: str, body: str, write: Write, log: Log) -> None:
    rig = Rig(tools=write(all=HEAD + MORE + ELSEWHERE.format(body=body)), context=of(1))

    for version in ERAS:
        result = rig.call(tool, PLACES[tool], version=version)
        assert (text(result), result["isError"]) == (BAD, True)
    # A check that gives no answer denies.
    assert [line["outcome"] for line in log("exchange")] == ["denied" if tool == "checked" else "tool_error"] * 2
    serves_the_next(rig, log, ERAS[0])


def test_a_check_that_does_not_end_is_ended_at_the_deadline(write: Write) -> None:
    body = "await asyncio.Event().wait()"
    source = ELSEWHERE.replace("def validates(value):\n    {body}", "def validates(value):\n    ...")
    source = source.partition("@tool()\ndef in_thread")[0].format(body=body)
    rig = Rig(tools=write(all=HEAD + MORE + source), tool_seconds=0.05)

    assert text(rig.call("checked")).startswith("The tool was ended after 0.05 seconds.")


@pytest.mark.matrix
@pytest.mark.parametrize(
    "body", [*ANYWHERE, "raise", "raise ValueError('sk_secret')", "raise asyncio.CancelledError"]
)
def test_a_question_is_put_whatever_happens_on_the_way_out(body: str, write: Write, log: Log) -> None:
    rig = Rig(tools=write(all=HEAD + MORE + ELSEWHERE.format(body=body)), context=of(1))

    assert rig.call("asks")["resultType"] == "input_required"
    serves_the_next(rig, log, ERAS[0])


OTHERS = """
def values(prefix: str) -> list[str]:
    {body}

@prompt()
async def p(a: Annotated[str, Complete(values)] = "") -> str:
    "D."
    {body}

@resource("one://x")
async def r() -> str:
    "D."
    {body}

@resource("many://{{a}}")
def t(a: str) -> str:
    "D."
    {body}
"""


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("body", [*ANYWHERE, "os.kill", "raise BaseExceptionGroup('x', [Panic()])"])
def test_a_prompt_a_resource_and_a_completion_fail_alone_too(
    body: str, version: str, write: Write, log: Log
) -> None:
    body = "raise asyncio.CancelledError" if body == "os.kill" else body
    split = OTHERS.format(body=body).partition("@resource")
    rig = Rig(
        tools=write(tools=HEAD + MORE),
        prompts=write(prompts=HEAD + split[0]),
        resources=write(resources=HEAD + split[1] + split[2]),
        context=of(1),
    )
    completing = {"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": "x"}}

    for method, params in (
        ("prompts/get", {"name": "p"}),
        ("resources/read", {"uri": "one://x"}),
        ("resources/read", {"uri": "many://x"}),
        ("completion/complete", completing),
    ):
        answer = rig.exchange(method, params, version=version)
        assert (answer.status, answer.json["error"]["code"]) == (200, -32603)
        assert answer.json["error"]["message"].endswith(" failed unexpectedly. The cause is in the server's log.")
    assert [line["outcome"] for line in log("exchange")] == ["error"] * 4
    serves_the_next(rig, log, version)


def test_a_tool_that_forks_answers_once(write: Write, log: Log, capfd: pytest.CaptureFixture[str]) -> None:
    body = "child = os.fork()\nif child: os.waitpid(child, 0)"
    rig = Rig(tools=catalogue(write, body))

    assert text(rig.call("bad")) == "went on"
    assert len(log("exchange")) == 1
    serves_the_next(rig, log, ERAS[0])


def test_a_sync_tool_that_forks_answers_once(write: Write, log: Log) -> None:
    source = (
        "@tool()\ndef forks() -> str:\n    'Fork.'\n    child = os.fork()\n"
        "    if child: os.waitpid(child, 0)\n    return 'went on'\n"
    )
    rig = Rig(tools=write(forks=HEAD + MORE + source))

    assert text(rig.call("forks")) == "went on"
    assert len(log("exchange")) == 1


HANGS = """
@tool()
async def hangs(threads: int = 1) -> str:
    "Leave threads hanging."
    await asyncio.gather(*(asyncio.to_thread(released.wait) for _ in range(threads)))
    return "released"

@tool()
def hangs_in_its_thread() -> str:
    "Hang."
    released.wait()
    return "released"

@tool()
async def leaves(threads: int) -> str:
    "Leave threads behind and answer."
    kept.extend(asyncio.get_running_loop().run_in_executor(None, released.wait) for _ in range(threads))
    return "left"

@tool()
async def resolves() -> str:
    "Look up a name."
    (found, *_) = await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)
    name, _ = await asyncio.get_running_loop().getnameinfo(("127.0.0.1", 80), socket.NI_NUMERICHOST)
    assert found[4][0] == name
    return name
"""


@pytest.fixture
def hanging(write: Write) -> Iterator[Rig]:
    tools = write(hangs=HEAD + MORE + HANGS)
    rig = Rig(tools=tools, tool_seconds=0.1)
    yield rig
    sys.modules[f"{tools.__name__}.hangs"].released.set()


@pytest.mark.broad
def test_hung_threads_of_many_calls_take_none_from_the_next_one(hanging: Rig, log: Log) -> None:
    for _ in range(20):
        assert text(hanging.call("hangs", {"threads": 8})).startswith("The tool was given up after 0.1 seconds.")
    for _ in range(20):
        assert text(hanging.call("hangs_in_its_thread")).startswith("The tool was given up after 0.1 seconds.")
    lines = log("thread left behind")
    assert [(line["tool"], line["threads"]) for line in lines] == [("hangs", 8)] * 20 + [
        ("hangs_in_its_thread", 1)
    ] * 20

    hanging = Rig(tools=hanging.tools)
    for tool in ("usual", "in_a_thread"):
        assert text(hanging.call(tool)) == "usual"
    assert text(hanging.call("resolves")) == "127.0.0.1"


def test_a_thousand_hung_threads_of_a_call_hold_no_thread_of_the_server(hanging: Rig, log: Log) -> None:
    assert text(hanging.call("leaves", {"threads": 1000})) == "left"
    (line,) = log("thread left behind")
    assert (line["tool"], line["threads"]) == ("leaves", MAX_THREADS_PER_CALL)

    asked: list[str] = []

    async def ssm(names: tuple[str, ...]) -> dict[str, str]:
        asked.append(await in_server_thread(lambda: threading.current_thread().name))
        return dict.fromkeys(names, "sk_test")

    other = Rig(tools=hanging.tools, fetch_parameters=ssm)
    assert text(other.call("usual")) == "usual"
    assert text(other.call("resolves")) == "127.0.0.1"
    assert asyncio.get_event_loop().run_until_complete(ssm(("one",))) == {"one": "sk_test"}
    assert asked == ["server thread"]


def test_where_no_thread_is_left_a_call_is_told_at_once_and_the_log_names_who_holds_them(
    hanging: Rig, log: Log
) -> None:
    for _ in range(MAX_THREADS // MAX_THREADS_PER_CALL):
        hanging.call("leaves", {"threads": MAX_THREADS_PER_CALL})

    tools = hanging.tools
    assert isinstance(tools, ModuleType)
    patient = Rig(tools=tools)
    assert text(patient.call("in_a_thread")) == BAD
    assert text(patient.call("usual")) == BAD
    assert text(patient.call("resolves")) == "127.0.0.1"
    assert patient.exchange("tools/list").status == 200
    first, *_ = log("no thread left")
    assert (first["level"], first["threads"], first["held_by"]) == ("ERROR", "call", {"leaves": MAX_THREADS})

    sys.modules[f"{tools.__name__}.hangs"].released.set()
    for thread in [each for each in threading.enumerate() if each.name == "call thread"]:
        thread.join(10)
    assert text(patient.call("in_a_thread")) == "usual"


@pytest.mark.parametrize("version", ERAS)
def test_a_sync_function_says_things_from_its_thread(version: str, write: Write) -> None:
    source = (
        "import anyio.from_thread\nfrom anyio.lowlevel import EventLoopToken, current_token\n"
        "from app.authoring import CurrentCall\n"
        "async def loop_token() -> EventLoopToken:\n    return current_token()\n"
        "@tool()\n"
        "def says(call: CurrentCall, token: Annotated[EventLoopToken, Depends(loop_token)]) -> str:\n    'Say.'\n"
        "    anyio.from_thread.run(call.progress, 1, 10, token=token)\n"
        "    return anyio.from_thread.run_sync(str, 'said', token=token)\n"
    )
    params = {"name": "says", "arguments": {}, "_meta": {"progressToken": "p"}}

    progress, reply = Rig(tools=write(says=HEAD + source)).exchange("tools/call", params, version=version).messages

    assert progress["params"]["progress"] == 1
    assert text(reply["result"]) == "said"


def test_many_short_jobs_of_one_call_wait_for_its_own_threads(write: Write) -> None:
    source = (
        "@tool()\nasync def many() -> int:\n    'Do.'\n"
        "    return sum(await asyncio.gather(*(asyncio.to_thread(int, 1) for _ in range(500))))\n"
    )

    assert Rig(tools=write(many=HEAD + source)).call("many")["structuredContent"] == {"result": 500}
    assert AUTHORS.running(None) == 0


def test_threads_that_the_system_does_not_give_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    threads = CallThreads("few")

    with pytest.raises(NoThreadLeft, match="no more threads"):
        threads.submit(int)
    assert threads.running(None) == 0


def test_a_job_that_is_cancelled_before_it_begins_does_not_run() -> None:
    threads, begun, go = CallThreads("few"), threading.Semaphore(0), threading.Event()

    def hold() -> None:
        begun.release()
        go.wait(10)

    held = [threads.submit(hold) for _ in range(MAX_THREADS_PER_CALL)]
    ran: list[int] = []
    late = threads.submit(ran.append, 1)
    assert late.cancel()
    go.set()
    for each in held:
        each.result(10)
    threads.submit(int).result(10)
    assert ran == []


def test_names_that_no_thread_is_left_for_are_an_error_of_the_name_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_event_loop()
    monkeypatch.setattr("app.runtime.threads.MAX_THREADS", 0)

    with pytest.raises(socket.gaierror):
        loop.run_until_complete(loop.getaddrinfo("localhost", 80))


def test_a_forked_process_has_threads_of_its_own() -> None:
    threads, go = CallThreads("parent"), threading.Event()
    held = [threads.submit(go.wait, 10) for _ in range(MAX_THREADS_PER_CALL)]
    read, write_end = os.pipe()
    if not (child := os.fork()):
        # Of this process alone: it must not return into the test's runner.
        os.write(write_end, str(threads.submit(lambda: 7).result(5)).encode())
        os._exit(0)
    os.waitpid(child, 0)

    assert os.read(read, 10) == b"7"
    assert threads.running(None) == MAX_THREADS_PER_CALL
    go.set()
    assert all(each.result(5) for each in held)
    CallThreads("any")._forget_threads()  # as above, where its lines are counted
    os.close(read)
    os.close(write_end)


HANGING_PROGRAM = """
import asyncio, threading
from app.runtime.loop import ServerLoop
from app.runtime.threads import in_authors_thread, in_server_thread

async def main():
    for wait in (in_authors_thread, in_server_thread, asyncio.to_thread):
        begun = threading.Event()
        task = asyncio.ensure_future(wait(lambda begun=begun: (begun.set(), threading.Event().wait())))
        while not begun.is_set():
            await asyncio.sleep(0.001)
        task.cancel()

ServerLoop().run_until_complete(main())
print("over")
"""


def test_hung_threads_do_not_keep_the_interpreter_from_ending() -> None:
    command = [sys.executable, "-c", HANGING_PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)

    assert (done.returncode, done.stdout) == (0, "over\n")


def test_ctrl_c_ends_the_loop_all_the_same() -> None:
    program = """
    import asyncio, os, signal, threading, time
    from app.runtime.loop import ServerLoop

    # A shell that starts a program in the background has it ignore the signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def press_ctrl_c():
        while True:  # one that comes while a callback runs counts as that callback's
            time.sleep(1)
            os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press_ctrl_c, daemon=True).start()
    ServerLoop().run_until_complete(asyncio.sleep(600))
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170, check=False)

    assert done.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in done.stderr


def test_what_comes_out_of_a_fork_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)

    end_fork_of(os.getpid())
    assert ended == []
    end_fork_of(os.getpid() + 1)
    assert ended == [0]


def test_a_failure_that_belongs_to_no_call_is_a_line_without_ids(log: Log) -> None:
    loop = asyncio.get_event_loop()

    loop.call_exception_handler({"message": "something is wrong"})

    (line,) = log("background work failed")
    assert (line["detail"], "request_id" in line) == ("something is wrong", False)


def test_the_loop_cannot_run_beside_another_one_in_its_thread() -> None:
    loop = asyncio.get_event_loop()

    async def inside() -> None:
        with pytest.raises(RuntimeError, match="another loop is running"):
            loop.run_until_complete(asyncio.sleep(0))

    asyncio.run(inside())
    asyncio.set_event_loop(loop)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_what_the_server_itself_is_asked_to_end_for_ends_it(kind: type[BaseException], log: Log) -> None:
    async def ends() -> None:
        raise kind

    with pytest.raises(kind):
        asyncio.get_event_loop().run_until_complete(ends())


def test_a_question_that_ends_a_task_of_its_own_is_no_failure(log: Log) -> None:
    loop = asyncio.get_event_loop()

    loop.call_exception_handler({"message": "never retrieved", "exception": RoundTripEnd()})

    assert log() == []


def test_ctrl_c_reaches_who_runs_the_loop() -> None:
    loop = asyncio.get_event_loop()

    async def waits() -> None:
        await asyncio.Event().wait()

    waiting = loop.create_task(waits())
    previous = signal.signal(signal.SIGUSR1, signal.default_int_handler)
    timer = threading.Timer(0.05, signal.pthread_kill, (threading.main_thread().ident, signal.SIGUSR1))
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(waiting)
    finally:
        timer.join()
        signal.signal(signal.SIGUSR1, previous)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(waiting)


SILENCES = {
    "disables all": "logging.disable(logging.CRITICAL)",
    "takes the handlers": "[logging.getLogger(name).handlers.clear() for name in ('app', None)]",
    "sets up the root": "logging.basicConfig(force=True)",
    "disables the record": "logging.getLogger('app.audit.record').disabled = True",
    "filters": "logging.getLogger('app').addFilter(lambda record: False)",
}


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("what", SILENCES)
def test_a_call_silences_neither_its_own_record_nor_the_log_of_later_calls(
    what: str, version: str, write: Write, log: Log
) -> None:
    body = f'async def quiet() -> str:\n    "Q."\n    {SILENCES[what]}\n    return "a"\n'
    code = f"{HEAD}import logging\n@tool()\n{body}"
    rig = Rig(tools=write(bad=code))

    for _ in range(2):
        assert rig.call("quiet", version=version)["isError"] is False
    logging.getLogger("team").error("x\n{}")

    assert [line["tool"] for line in log("exchange")] == ["quiet", "quiet"]
    assert len(log("x\n{}")) == 1


def test_an_alarm_that_is_nearly_due_does_not_outlive_its_call(write: Write) -> None:
    # Of CPU time: pytest has an alarm of its own.
    code = f"""{HEAD}
@tool()
async def arms() -> str:
    "A."
    signal.signal(signal.SIGVTALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.009)
    return "a"
"""

    assert Rig(tools=write(bad=code)).call("arms")["isError"] is False

    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_the_hosts_own_timer_of_cpu_time_goes_on(write: Write) -> None:
    rig = Rig(tools=write(bad=f'{HEAD}\n@tool()\nasync def usual() -> str:\n    "U."\n    return "a"\n'))
    signal.setitimer(signal.ITIMER_PROF, 1000)
    try:
        rig.call("usual")

        assert 900 < signal.getitimer(signal.ITIMER_PROF)[0] < 1001  # the kernel rounds it up to its ticks
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
