"""What a dependency does if a question or the deadline ends the call, or if another one cannot open."""

import threading
from typing import Any

import pytest

from tests.clean_up import BAD, events_of, open_tool, run
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, MODERN, Rig

pytestmark = pytest.mark.matrix("version")

ASKING = """
def row():
    note("open")
    try:
        yield "row"
    except BaseException as error:
        note("saw", error)
        {on_error}
    else:
        note("commit")

@tool()
async def one(ask: CurrentAsk, row: Annotated[str, Depends(row)]) -> str:
    "O."
    answer = await ask("Sure?", Sure)
    return f"{row} {answer.sure}"
"""


@pytest.mark.parametrize("on_error", ["raise", "pass", "raise OSError('sk_secret')"])
def test_a_question_rolls_back_and_the_repeated_call_begins_anew(on_error: str, write: Write, log: Log) -> None:
    package = open_tool(write, ASKING.replace("{on_error}", on_error))
    rig = Rig(tools=package)
    params: dict[str, Any] = {"name": "one", "arguments": {}}

    asked = rig.exchange("tools/call", params).json["result"]
    assert asked["resultType"] == "input_required"
    assert events_of(package) == ["open", "saw RoundTripEnd"]
    assert len(log("clean-up of a dependency failed")) == ("OSError" in on_error)

    (key,) = asked["inputRequests"]
    answers = {key: {"action": "accept", "content": {"sure": True}}}
    again = {**params, "inputResponses": answers, "requestState": asked["requestState"]}
    assert rig.exchange("tools/call", again).json["result"]["content"][0]["text"] == "row True"
    assert events_of(package)[2:] == ["open", "commit"]


WAITING = """
{keyword}def row():
    note("open")
    try:
        yield "row"
    except BaseException as error:
        note("saw", error)
        {on_error}
    finally:
        note("closed")

@tool()
async def one(row: Annotated[str, Depends(row)]) -> str:
    "O."
    await asyncio.Event().wait()
"""
ENDED = "The tool was ended after 0.05 seconds. It may have done part of its work."


@pytest.mark.parametrize("keyword", ["", "async "])
@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("on_error", ["raise", "pass", "raise OSError('sk_secret')"])
def test_the_deadline_ends_the_tool_and_lets_it_clean_up(
    keyword: str, on_error: str, version: str, write: Write, log: Log
) -> None:
    code = WAITING.replace("{keyword}", keyword).replace("{on_error}", on_error)

    said, events = run(open_tool(write, code), version, tool_seconds=0.05)

    assert (said, events) == (ENDED, ["open", "saw CancelledError", "closed"])
    assert len(log("clean-up of a dependency failed")) == ("OSError" in on_error)


SLOW_TO_CLOSE = """
may_close = threading.Event()

def outer():
    try:
        yield
    except BaseException as error:
        note("outer saw", error)
        raise

{keyword}def row(outer: Annotated[None, Depends(outer)]):
    yield
    {wait}

@tool()
async def one(row: Annotated[None, Depends(row)]) -> str:
    "O."
    return "done"
"""


@pytest.mark.parametrize(
    ("keyword", "wait", "expected"),
    [
        ("async ", "await asyncio.Event().wait()", "The tool was ended after 0.05 seconds."),
        ("", "may_close.wait(10)", "The tool was given up after 0.05 seconds. It could not be stopped"),
    ],
)
def test_the_deadline_ends_a_clean_up_that_hangs_and_the_outer_one_runs(
    keyword: str, wait: str, expected: str, write: Write
) -> None:
    package = open_tool(write, SLOW_TO_CLOSE.replace("{keyword}", keyword).replace("{wait}", wait))

    said, events = run(package, MODERN, tool_seconds=0.05)
    module: Any = package
    module.one.may_close.set()

    assert said.startswith(expected)
    assert events == ["outer saw CancelledError"]


SLOW_TO_OPEN = """
may_open, is_closed = threading.Event(), threading.Event()

def row():
    may_open.wait(10)
    note("open")
    try:
        yield "row"
    except BaseException as error:
        note("saw", error)
        {on_error}
    finally:
        is_closed.set()

@tool()
async def one(row: Annotated[str, Depends(row)]) -> str:
    "O."
    return row
"""


@pytest.mark.parametrize("on_error", ["raise", "raise OSError('sk_secret')"])
def test_a_thread_that_opens_too_late_closes_what_it_opened(on_error: str, write: Write, log: Log) -> None:
    package = open_tool(write, SLOW_TO_OPEN.replace("{on_error}", on_error))

    said, events = run(package, MODERN, tool_seconds=0.05)
    assert said.startswith("The tool was given up after 0.05 seconds.")
    assert events == []

    module: Any = package.one
    (thread,) = (each for each in threading.enumerate() if each.name == "call thread")
    module.may_open.set()
    thread.join(10)
    assert events == ["open", "saw CancelledError"]
    assert len(log("clean-up of a dependency failed")) == ("OSError" in on_error)


CANCELLED_AS_IT_OPENS = """
async def saboteur() -> None:
    "Cancels the call when the thread has opened the row and the loop does not know it yet."
    call = asyncio.current_task()

    async def cancel() -> None:
        for thread in threading.enumerate():
            if thread.name == "call thread":
                thread.join(10)
        call.cancel()

    events.append(asyncio.create_task(cancel()))

def row():
    try:
        yield "row"
    except BaseException as error:
        note("saw", error)
        raise

@tool()
async def one(saboteur: Annotated[None, Depends(saboteur)], row: Annotated[str, Depends(row)]) -> str:
    "O."
    return row
"""


def test_what_was_open_when_the_call_was_cancelled_is_closed(write: Write) -> None:
    said, (_, *events) = run(open_tool(write, CANCELLED_AS_IT_OPENS), MODERN)

    assert (said, events) == (BAD, ["saw CancelledError"])


FAILS_TO_OPEN = """
def first():
    note("open first")
    yield
    note("close first")

{keyword}def last(first: Annotated[None, Depends(first)]):
    {body}

@tool()
async def one(last: Annotated[None, Depends(last)]) -> str:
    "O."
    return "done"
"""


@pytest.mark.parametrize("keyword", ["", "async "])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("raise ToolError('There is no connection.'); yield", "There is no connection."),
        ("raise OSError('sk_secret'); yield", BAD),
        ("if False: yield", BAD),
        ("yield; yield", BAD),
    ],
)
def test_one_that_cannot_open_or_yields_twice_fails_the_call_and_closes_the_others(
    keyword: str, body: str, expected: str, write: Write
) -> None:
    code = FAILS_TO_OPEN.replace("{keyword}", keyword).replace("{body}", body)
    code = code.replace("    yield\n    note", "    try:\n        yield\n    finally:\n        note", 1)

    said, events = run(open_tool(write, code), MODERN)

    assert said == expected
    assert events == ["open first", "close first"]
