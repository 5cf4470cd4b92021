"""What a dependency does after its `yield`: when it runs, what it learns, and what the caller reads of it."""

import json
import threading
from types import ModuleType
from typing import Any

import pytest

from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, MODERN, Rig

pytestmark = pytest.mark.matrix("version")

HEAD = """
import asyncio, threading
from contextvars import ContextVar
from typing import Annotated, Any
from fastapi import Depends
from pydantic import BaseModel
from app.authoring import Ask, CurrentAsk, CurrentSession, ToolError, check, tool

events = []
marked = ContextVar("marked", default="outside")

class Sure(BaseModel):
    sure: bool

def note(event: str, error: BaseException | None = None) -> None:
    events.append(event if error is None else f"{event} {type(error).__name__}")
"""
BAD = "The tool failed unexpectedly. The cause is in the server's log."


def open_tool(write: Write, code: str) -> ModuleType:
    return write(one=HEAD + code)


def run(package: ModuleType, version: str, **options: Any) -> tuple[str, list[str]]:
    """The text that the caller reads, and what happened."""
    result = Rig(tools=package, **options).call("one", version=version)
    return result["content"][0]["text"], events_of(package)


def events_of(package: ModuleType) -> list[str]:
    events: list[str] = package.one.events
    return events


SYNC = """
def {name}({parameters}):
    note("open {name}")
    try:
        yield "{name}"
    except BaseException as error:
        note("{name} saw", error)
        raise
    else:
        note("{name} saw a result")
    finally:
        note("close {name}")
"""
ASYNC = SYNC.replace("def {name}", "async def {name}")
TOOL = """
@tool()
async def one(last: Annotated[str, Depends(last)]) -> str:
    "O."
    note("called")
    {body}
"""


def nested(form: str, body: str) -> str:
    first = form.format(name="first", parameters="session: CurrentSession")
    last = form.format(name="last", parameters="first: Annotated[str, Depends(first)]")
    return first + last + TOOL.replace("{body}", body)


FORMS = pytest.mark.parametrize("form", [SYNC, ASYNC], ids=["sync", "async"])


@FORMS
@pytest.mark.parametrize("version", ERAS)
def test_it_runs_after_the_result_and_the_last_opened_is_the_first_closed(
    form: str, version: str, write: Write
) -> None:
    said, events = run(open_tool(write, nested(form, "return last")), version)

    assert said == "last"
    assert events == [
        *("open first", "open last", "called"),
        *("last saw a result", "close last", "first saw a result", "close first"),
    ]


@FORMS
@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    "end",
    [
        ("raise ToolError('no luck')", "ToolError", "no luck"),
        ("raise KeyError('sk_secret')", "KeyError", BAD),
        ("raise asyncio.CancelledError", "CancelledError", BAD),
        ("raise SystemExit('sk_secret')", "SystemExit", BAD),
        ("raise StopIteration('sk_secret')", "RuntimeError", BAD),
    ],
)
def test_what_the_tool_raises_is_raised_at_the_yield(
    form: str, end: tuple[str, str, str], version: str, write: Write
) -> None:
    body, seen, expected = end
    said, events = run(open_tool(write, nested(form, body)), version)

    assert said == expected
    assert events[3:] == [f"last saw {seen}", "close last", f"first saw {seen}", "close first"]


@pytest.mark.parametrize("version", ERAS)
def test_it_runs_after_the_result_was_written(version: str, write: Write) -> None:
    code = """
class Row(BaseModel):
    name: str

class Lazy:
    "A row of a database, which is read when somebody looks at a field."
    @property
    def name(self) -> str:
        note("read")
        return "Ada"

def session():
    yield
    note("closed")

@tool()
async def one(session: Annotated[None, Depends(session)]) -> Annotated[Row, "from a database"]:
    "O."
    note("called")
    return Lazy()
""".replace("class Row(BaseModel):", "class Row(BaseModel, from_attributes=True):")

    said, events = run(open_tool(write, code), version)

    assert json.loads(said) == {"name": "Ada"}
    assert (events[0], events[-1], "read" in events) == ("called", "closed", True)


@FORMS
@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("return 3", "ValidationError"),
        ("return CallToolResult(content=[], is_error=True)", "ToolError"),
        ("return float('nan')", "ContentError"),
    ],
)
def test_a_result_that_is_an_error_is_one_for_it_too(
    form: str, body: str, seen: str, version: str, write: Write
) -> None:
    package = open_tool(write, "from mcp_types import CallToolResult\n" + nested(form, body))
    rig = Rig(tools=package)

    assert rig.call("one", version=version)["isError"] is True
    assert events_of(package)[3:] == [f"last saw {seen}", "close last", f"first saw {seen}", "close first"]


@FORMS
@pytest.mark.parametrize("version", ERAS)
def test_one_that_swallows_the_error_makes_no_result_of_it(form: str, version: str, write: Write) -> None:
    swallowing = form.replace("        raise\n", "        pass\n")
    code = nested(swallowing, "raise ToolError('no luck')")

    said, events = run(open_tool(write, code), version)

    # The outer one rolls back as well: for it, the call has failed.
    assert said == "no luck"
    assert events[3:] == ["last saw ToolError", "close last", "first saw ToolError", "close first"]


FAILING = """
{keyword}def first():
    try:
        yield
    except BaseException as error:
        note("first saw", error)
        raise
    else:
        note("first saw a result")

{keyword}def last(first: Annotated[None, Depends(first)]):
    try:
        yield
    {clause}
        note("last")
        raise {error}

@tool()
async def one(last: Annotated[None, Depends(last)]) -> str:
    "O."
    {body}
"""


def failing(form: str, clause: str, error: str, body: str) -> str:
    code = FAILING.replace("{keyword}", "async " if form is ASYNC else "").replace("{clause}", clause)
    return code.replace("{error}", error).replace("{body}", body)


@FORMS
@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    "end",
    [
        ("finally:", "ToolError('It was not saved.')", "return 'done'", "It was not saved."),
        ("finally:", "OSError('sk_secret')", "return 'done'", BAD),
        (
            "except KeyError:",
            "ToolError('There is no such row.')",
            "raise KeyError('sk_secret')",
            "There is no such row.",
        ),
        ("except KeyError:", "OSError('sk_secret')", "raise KeyError('no')", BAD),
    ],
)
def test_an_error_of_the_clean_up_is_the_answer_of_the_call(
    form: str, end: tuple[str, str, str, str], version: str, write: Write
) -> None:
    clause, error, body, expected = end
    said, events = run(open_tool(write, failing(form, clause, error, body)), version)

    assert said == expected
    assert events == ["last", f"first saw {error.partition('(')[0]}"]


def test_a_model_that_the_clean_up_cannot_build_is_no_fault_of_the_arguments(write: Write, log: Log) -> None:
    code = failing(SYNC, "finally:", "(Sure(sure='sk_secret') and OSError())", "return 'done'")

    assert run(open_tool(write, code), MODERN)[0] == BAD
    (line,) = log("tool raised")
    assert line["tool"] == "one"


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


CONTEXT = """
{keyword}def mark():
    token = marked.set("inside")
    try:
        yield
    finally:
        note(marked.get())
        marked.reset(token)
        note(marked.get())

@tool()
async def one(mark: Annotated[None, Depends(mark)]) -> str:
    "O."
    return marked.get()
"""


@pytest.mark.parametrize(("keyword", "seen"), [("async ", "inside"), ("", "outside")])
def test_both_parts_run_in_one_context(keyword: str, seen: str, write: Write) -> None:
    said, events = run(open_tool(write, CONTEXT.replace("{keyword}", keyword)), MODERN)

    # As in FastAPI, the tool does not see what a sync dependency sets in its thread.
    assert said == seen
    assert events == ["inside", "outside"]


CHECKED = """
def row():
    try:
        yield "row"
    finally:
        note("closed")
        {error}

async def may(row: Annotated[str, Depends(row)]) -> bool:
    return {answer}

@tool(requires=check(may, needs="luck"))
async def one() -> str:
    "O."
    note("called")
    return "done"
"""


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    "end",
    [
        ("True", "", "done", ["closed", "called"]),
        ("False", "", "You may not use this: you need luck.", ["closed"]),
        ("1 / 0", "", BAD, ["closed"]),
        ("True", "raise OSError('sk_secret')", BAD, ["closed"]),
    ],
)
def test_a_check_whose_dependency_cannot_close_lets_nobody_in(
    end: tuple[str, str, str, list[str]], version: str, write: Write
) -> None:
    answer, error, expected, happened = end
    code = CHECKED.replace("{answer}", answer).replace("{error}", error)

    assert run(open_tool(write, code), version) == (expected, happened)
