"""What a dependency does after its `yield`: when it runs, what it learns, and what the caller reads of it."""

import json

import pytest

from tests.clean_up import BAD, events_of, open_tool, run
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, MODERN, Rig

pytestmark = pytest.mark.matrix("version")

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
