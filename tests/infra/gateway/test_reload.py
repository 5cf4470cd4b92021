import asyncio
import os
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from textwrap import dedent

import pytest

from infra.local.gateway import Limits
from infra.local.gateway.program import Program
from tests.infra.gateway.running import PATIENCE, Running, Serve

pytestmark = pytest.mark.broad

WRAPPING = """
class ToolRefused(Exception): ...
try:
    import app_like.tool
except Exception as error:
    raise ToolRefused("tool cannot be imported") from error
"""


def returning(value: str) -> str:
    return f"def handler(event, context):\n    return {value!r}\n"


def watched(serve: Serve, tmp_path: Path, source: str) -> Running:
    """Up, warm, and watching its folder."""
    running = serve(source, watch=(tmp_path,))
    running.client.get("/")
    return running


def test_a_changed_file_is_served_after_a_new_cold_start(serve: Serve, tmp_path: Path) -> None:
    running = watched(serve, tmp_path, returning("old"))

    running.write(returning("new"))
    running.terminal.wait_for("reloaded, cold start")

    assert running.client.get("/").text == "new"


def test_what_comes_after_a_start_runs_once_for_each_version_and_ends_with_the_gateway(
    serve: Serve, tmp_path: Path
) -> None:
    happened: queue.SimpleQueue[str] = queue.SimpleQueue()

    async def after_start(program: Program) -> None:
        happened.put(program.module)
        try:
            await asyncio.Event().wait()
        finally:
            happened.put("ended")

    running = serve(returning("old"), watch=(tmp_path,), after_start=after_start)
    first = happened.get(timeout=PATIENCE)
    running.client.get("/")
    running.write(returning("new"))
    again = [happened.get(timeout=PATIENCE) for _ in range(2)]
    running.gateway.close()

    assert (first, sorted(again), happened.get(timeout=PATIENCE)) == ("function", ["ended", "function"], "ended")
    assert happened.empty()


def test_a_changed_page_of_a_tool_is_loaded_again(serve: Serve, tmp_path: Path) -> None:
    running = watched(serve, tmp_path, returning("old"))

    (running.folder / "board.html").write_text("<!doctype html>")

    running.terminal.wait_for("reloaded, cold start")


def test_other_files_reload_nothing(serve: Serve, tmp_path: Path) -> None:
    running = watched(serve, tmp_path, returning("old"))

    (running.folder / "notes.txt").write_text("x")
    running.write(returning("new"))
    running.terminal.wait_for("reloaded")

    assert len([line for line in running.terminal.lines if "cold start" in line]) == 2


def test_a_changed_file_beside_the_code_starts_the_function_with_other_variables(
    serve: Serve, tmp_path: Path
) -> None:
    source = "import os\ndef handler(event, context):\n    return os.environ['NAME']\n"
    beside = tmp_path / "beside"
    beside.mkdir()
    mine = beside / "mine"
    running = serve(source, variables={"NAME": "old"}, files={mine: lambda: {"NAME": mine.read_text()}})
    before = running.client.get("/").text

    (beside / "other").write_text("new")
    (beside / "other").replace(mine)
    running.terminal.wait_for("reloaded, cold start")

    assert (before, running.client.get("/").text) == ("old", "new")
    assert len([line for line in running.terminal.lines if "cold start" in line]) == 2


def test_a_file_that_changes_nothing_for_the_function_leaves_it_warm(serve: Serve, tmp_path: Path) -> None:
    noticed = threading.Event()
    running = serve(returning("old"), files={tmp_path / "seed": noticed.set})
    running.client.get("/")

    (tmp_path / "seed").write_text("x")

    assert noticed.wait(PATIENCE)
    assert running.client.get("/").text == "old"
    assert len([line for line in running.terminal.lines if "cold start" in line]) == 1


def test_a_file_in_a_folder_that_is_not_there_is_not_followed(serve: Serve, tmp_path: Path) -> None:
    running = serve(returning("old"), files={tmp_path / "missing" / "file": lambda: None})

    assert running.client.get("/").text == "old"


def test_a_syntax_error_is_one_clear_message_and_a_fix_brings_the_function_back(
    serve: Serve, tmp_path: Path
) -> None:
    running = watched(serve, tmp_path, returning("old"))

    running.write("def handler(event, context)\n    return 1\n")
    message = running.terminal.wait_for("does not start")
    broken = running.client.get("/")
    running.write(returning("fixed"))
    running.terminal.wait_for("reloaded")

    assert message == dedent("""\
        function does not start:
            SyntaxError: expected ':'
                function.py, line 1: def handler(event, context)""")
    assert (broken.status_code, broken.json()) == (500, {"message": "Internal Server Error"})
    assert running.client.get("/").text == "fixed"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param(
            "class SettingMissing(Exception): ...\nraise SettingMissing('BASE_URL is not set; set it')\n",
            "BASE_URL is not set; set it",
            id="an error of our own says it all",
        ),
        pytest.param(
            "class ToolRefused(Exception): ...\n"
            "try:\n    import function_tool\n"
            "except ImportError as error:\n    raise ToolRefused('function_tool cannot be imported') from error\n",
            "function_tool cannot be imported",
            id="an error of our own about the same file too",
        ),
        pytest.param(
            "import json\njson.loads('nonsense')\n",
            "JSONDecodeError: Expecting value: line 1 column 1 (char 0)\n"
            "        function.py, line 2: json.loads('nonsense')",
            id="any other error is shown at the place in our own code",
        ),
        pytest.param(
            "import sys\nsys.exit('no settings')\n",
            "SystemExit: no settings\n        function.py, line 2: sys.exit('no settings')",
            id="an exit is shown at its place",
        ),
        pytest.param("import os\nos._exit(7)\n", "its process ended: exit status 7", id="a process that ends"),
        pytest.param(
            "x = 1\n",
            "AttributeError: module 'function' has no attribute 'handler'",
            id="a module without a handler",
        ),
    ],
)
def test_a_function_that_does_not_start_says_why_in_one_message(serve: Serve, source: str, message: str) -> None:
    running = serve(source)

    answers = [running.client.get("/").status_code for _ in range(2)]

    assert answers == [500, 500]
    assert running.terminal.lines[0] == f"function does not start:\n    {message}"
    assert len([line for line in running.terminal.lines if message in line]) == 1


@pytest.mark.parametrize(
    ("tool", "place"),
    [
        ("x = 1\nimport nonsense\n", "app_like/tool.py, line 2: import nonsense"),
        ("def f(:\n", "app_like/tool.py, line 1: def f(:"),
    ],
)
def test_an_error_of_our_own_about_another_file_is_shown_with_the_place_there(
    serve: Serve, tmp_path: Path, tool: str, place: str
) -> None:
    package = tmp_path / "app_like"
    package.mkdir()
    (package / "tool.py").write_text(tool)
    (package / "handler.py").write_text(WRAPPING)

    running = serve("", handler="app_like.handler")

    message = running.terminal.wait_for("does not start")
    assert message == f"app_like.handler does not start:\n    tool cannot be imported\n        {place}"


def test_the_running_invocation_is_finished_before_a_reload(serve: Serve, tmp_path: Path) -> None:
    gated = "def handler(event, context):\n    open('gate').read()\n    return 'old'\n"
    os.mkfifo(tmp_path / "gate")
    running = serve(gated, watch=(tmp_path,))
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(running.client.get, "/")
        with (tmp_path / "gate").open("w"):
            running.write(returning("new"))

    assert answer.result().text == "old"
    running.terminal.wait_for("reloaded")
    assert running.client.get("/").text == "new"


def test_a_fix_does_not_wait_for_an_import_that_hangs(serve: Serve, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    running = watched(serve, tmp_path, returning("old"))

    running.write("open('gate').read()\n")
    # Opens once the import is at work; stays open, so that it hangs there.
    with (tmp_path / "gate").open("w"):
        running.write(returning("fixed"))
        running.terminal.wait_for("reloaded, cold start")

    assert running.client.get("/").text == "fixed"
    assert not [line for line in running.terminal.lines if "does not start" in line]


def test_an_import_that_takes_too_long_is_given_up(serve: Serve, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    running = serve("open('gate').read()\n", limits=Limits(start=0.2))

    assert "the import of function took more than 0.2 s" in running.terminal.wait_for("does not start")
    assert running.client.get("/").status_code == 500


def test_a_folder_that_cannot_be_watched_is_said_and_the_function_served(serve: Serve, tmp_path: Path) -> None:
    running = serve(returning("old"), watch=(tmp_path / "missing",))

    running.terminal.wait_for("changes under missing/ are not noticed any more")
    assert running.client.get("/").text == "old"
