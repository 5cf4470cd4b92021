"""One event is one line of JSON, whatever is in it: nobody can add a line, and no line gets lost."""

import asyncio
import gc
import io
import json
import logging
import math
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from app.runtime import logs
from app.runtime.log_handler import MAX_LINE_BYTES, LineHandler
from app.runtime.logs import logger
from tests.packages import Write
from tests.rig import Rig
from tests.team import ENVIRONMENT

FORGED = 'x\n{"level":"INFO","message":"exchange","user_id":"user_VICTIM"}\n\x85\u2028\u2029\x0b\x0c\x1c\r\ud800'
RAISES = f"""
from app.authoring import tool

FORGED = {FORGED!r}

class Mute(ValueError):
    def __str__(self):
        raise ValueError(FORGED)
    __repr__ = __str__

class Ending(ValueError):
    def __str__(self):
        raise SystemExit(FORGED)
    __repr__ = __str__

class Endless(ValueError):
    def __str__(self):
        return str(self)
    __repr__ = __str__

class Odd(str):
    def __len__(self):
        raise ValueError
    def __getitem__(self, key):
        raise ValueError

class OddText(ValueError):
    def __str__(self):
        return Odd(FORGED)

def chained():
    try:
        raise ValueError(FORGED)
    except ValueError as error:
        raise Mute from error

def noted():
    error = ValueError(FORGED)
    error.add_note(FORGED)
    raise error

def grouped():
    raise ExceptionGroup(FORGED, [Mute(), ValueError(FORGED)])

def recursive():
    recursive()

def compiled():
    exec(compile("raise ValueError('x')", FORGED, "exec"))

def named():
    raise type(FORGED.replace(chr(0), ""), (Exception,), {{}})(FORGED)

def bad_notes():
    error = ValueError("x")
    error.__notes__ = [Mute(), 5, FORGED]
    raise error

def raise_(error):
    raise error

KINDS = {{
    "forged": lambda: raise_(ValueError(FORGED)),
    "mute": lambda: raise_(Mute()),
    "ending": lambda: raise_(Ending()),
    "endless": lambda: raise_(Endless()),
    "odd text": lambda: raise_(OddText()),
    "large": lambda: raise_(ValueError("y" * 4_000_000)),
    "large and forged": lambda: raise_(ValueError(FORGED * 50_000)),
    "arguments": lambda: raise_(ValueError(Mute(), FORGED)),
    "key": lambda: raise_(KeyError(FORGED)),
    "bytes": lambda: raise_(UnicodeDecodeError("utf-8", b"\\xff", 0, 1, FORGED)),
    "system": lambda: raise_(OSError(2, FORGED, FORGED)),
    "chained": chained,
    "noted": noted,
    "bad notes": bad_notes,
    "grouped": grouped,
    "recursive": recursive,
    "compiled": compiled,
    "named": named,
}}

@tool()
async def fails(kind: str) -> str:
    "Fail."
    KINDS[kind]()
"""
KINDS = [line.split('"')[1] for line in RAISES.split("KINDS = {")[1].splitlines() if line.startswith('    "')][:-1]


class Written(io.TextIOWrapper):
    """A stream that encodes, as Lambda's does: StringIO would take a lone surrogate."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, encoding=encoding, newline="")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each line that any reader could see in it."""
        text = self.bytes.getvalue().decode()
        assert text.splitlines() == text.split("\n")[:-1]
        assert all(len(line.encode()) <= MAX_LINE_BYTES for line in text.splitlines())
        lines = [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]
        return [line for line in lines if line["message"] != "signing keys fetched"]


def logger_of(name: str | None) -> logging.Logger:
    """As it is in the function: pytest adds handlers of its own at the beginning of a test."""
    logs.configure()
    return logging.getLogger(name)


@pytest.fixture
def written() -> Iterator[Written]:
    yield from _writing_to(Written())


def _writing_to(stream: Written) -> Iterator[Written]:
    handler: Any = logger.registered_handler
    usual = handler.setStream(stream)
    yield stream
    handler.setStream(usual)


@pytest.mark.matrix
@pytest.mark.parametrize("kind", KINDS)
def test_a_tool_that_raises_anything_leaves_its_line_and_the_record(
    kind: str, write: Write, written: Written
) -> None:
    rig = Rig(tools=write(fails=RAISES))

    result = rig.call("fails", {"kind": kind})

    raised, exchange = written.lines
    assert result["isError"] is True
    assert (raised["message"], raised["tool"], raised["level"]) == ("tool raised", "fails", "ERROR")
    assert raised["exception_name"]
    assert "fails.py" in raised["exception"]
    assert (exchange["message"], exchange["outcome"], exchange["user_id"]) == (
        "exchange",
        "tool_error",
        "user_01ALICE",
    )
    assert rig.call("fails", {"kind": kind})["isError"] is True
    assert len(written.lines) == 4


def test_what_a_tool_says_of_its_failure_is_still_there(write: Write, written: Written) -> None:
    rig = Rig(tools=write(fails=RAISES))
    for kind in ("forged", "large"):
        rig.call("fails", {"kind": kind})

    forged, _, large, _ = written.lines
    assert FORGED in forged["exception"]
    assert "log_problem" not in forged
    assert large["log_problem"] == "too_long"
    assert "ValueError: yyy" in large["exception"]
    assert "characters left out" in large["exception"]


class Mute:
    """Has no text."""

    def __str__(self) -> str:
        raise ValueError(FORGED)

    __repr__ = __str__


class Ending:
    """Ends the program when its text is asked for."""

    def __str__(self) -> str:
        raise SystemExit

    __repr__ = __str__


class Faceless:
    """Raises when it is asked what it is."""

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise ValueError(FORGED)

    def __str__(self) -> str:
        raise ValueError(FORGED)


class Nameless(type):
    """A class that has no name."""

    def __getattribute__(cls, name: str) -> Any:
        raise ValueError(FORGED)


class OfNoName(metaclass=Nameless):
    def __str__(self) -> str:
        raise ValueError(FORGED)


class Talkative:
    """Logs itself whenever it is logged."""

    def __str__(self) -> str:
        logging.getLogger("app.tools.mine").info("%s", self)
        return "talkative"


class EndlessList(list[int]):
    def __iter__(self) -> Iterator[int]:
        while True:
            yield 1


class EndlessDict(dict[str, int]):
    def items(self) -> Any:
        while True:
            pass


def cyclic() -> dict[str, Any]:
    made: dict[str, Any] = {"list": []}
    made["list"].append(made)
    return made


def deep() -> list[Any]:
    made: list[Any] = []
    for _ in range(100_000):
        made = [made]
    return made


ODD = {
    "lone surrogate": "\ud800",
    "forged": FORGED,
    "not a number": math.nan,
    "infinite": -math.inf,
    "in a list": [1.5, math.nan],
    "huge number": 10**5000,
    "negative huge number": -(10**5000),
    "mute": Mute(),
    "ending": Ending(),
    "faceless": Faceless(),
    "of no name": OfNoName(),
    "cyclic": cyclic(),
    "deep": deep(),
    "large": "z" * 5_000_000,
    "large once escaped": "\ud800" * 40_000,
    "large list": list(range(1_000_000)),
    "large list of texts": ["text"] * 100_000,
    "large object": {f"name {number}": number for number in range(100_000)},
    "large and wide": {f"{FORGED}{number}": ["\U0001f600\ud800" * 50] * 50 for number in range(50)},
    "keys": {None: 1, 5: 2, (1, 2): 3, Mute(): 4, "\ud800": 5, math.nan: 6, b"\xff": 7},
    "bytes": b"\xff",
    "set": {1},
    "objects": [Mute(), {"a": Mute()}, (Ending(),)],
    "endless list": [Mute(), EndlessList([1, 2])],
    "endless object": [Mute(), {Mute(): EndlessDict(a=1)}],
    "exception": ValueError(FORGED),
    "type": Mute,
    "generator": (each for each in "ab"),
}


@pytest.mark.parametrize("name", ODD)
def test_a_field_of_any_kind_costs_no_other_field(name: str, written: Written) -> None:
    if name == "endless object":
        ODD[name] = [Mute(), {Mute(): {1: 2}}]  # items() of a subclass is what JSON itself calls

    logger_of("app.tools.mine").warning("said", extra={"before": 1, "odd": ODD[name], "after": "two"})

    (line,) = written.lines
    assert (line["message"], line["level"], line["before"], line["after"]) == ("said", "WARNING", 1, "two")
    assert line["service"] == "workos-mcp-lambda"
    assert "odd" in line


@pytest.mark.matrix("place")
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("place", ["app.tools.mine", "mcp", "workos.any", "asyncio", None])
def test_a_message_of_any_kind_is_one_line(name: str, place: str | None, written: Written) -> None:
    if name == "faceless":
        pytest.skip("as an argument it is refused by logging itself, before any handler")

    logger_of(place).warning(ODD[name])
    logger_of(place).warning("of %s", ODD[name])
    logger_of(place).warning("%d of %s", ODD[name])

    assert len(written.lines) == 3
    assert all(line["level"] == "WARNING" for line in written.lines)


@pytest.mark.parametrize(
    "text",
    ["NaN", "-Infinity", '{"a": NaN}', '["' + "\\ud800" + '"]', "[" * 100_000, "1" * 5000, '{"level": "x"}'],
)
def test_a_message_that_reads_like_json_is_one_line(text: str, written: Written) -> None:
    logger_of("app.tools.mine").warning(text)

    (line,) = written.lines
    assert line["level"] == "WARNING"


def test_the_words_for_numbers_that_json_lacks_may_stand_in_a_text(written: Written) -> None:
    logger_of("app.tools.mine").warning("to Infinity", extra={"nan": "NaN"})

    (line,) = written.lines
    assert (line["message"], line["nan"], line.get("log_problem")) == ("to Infinity", "NaN", None)


def test_a_number_that_json_lacks_is_told_as_a_number(written: Written) -> None:
    logger_of("app.tools.mine").warning("said", extra={"ratio": math.nan})

    assert [(line["ratio"], line["log_problem"]) for line in written.lines] == [("[number]", "not_finite")]


def test_a_text_that_logs_itself_ends(written: Written) -> None:
    logger_of("app.tools.mine").warning("said", extra={"odd": Talkative()})

    assert written.lines[-1]["odd"] == "talkative"
    assert len(written.lines) < 10


def test_a_log_that_is_not_utf_8_says_the_same() -> None:
    for written in _writing_to(Written("ascii")):
        logger_of("app.tools.mine").warning("é \u2028 \ud800 😀")

        assert [line["message"] for line in written.lines] == ["é \u2028 \ud800 😀"]


class Broken(io.StringIO):
    """A stream that nothing can be written to."""

    def write(self, text: str) -> int:
        raise OSError(FORGED)


@pytest.fixture
def broken() -> Iterator[None]:
    handler: Any = logger.registered_handler
    usual = handler.setStream(Broken())
    yield
    handler.setStream(usual)


@pytest.mark.usefixtures("broken")
def test_a_line_that_cannot_be_written_goes_another_way_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    logger_of("app.tools.mine").warning("%s", FORGED, extra={"number": 5})

    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["message"], told["number"], told["log_problem"]) == (FORGED, 5, "OSError")


@pytest.mark.usefixtures("broken")
def test_where_neither_stream_can_be_written_a_last_line_says_so(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", Broken())

    logger_of("app.tools.mine").warning(FORGED)
    monkeypatch.undo()

    (line,) = capfd.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "log line could not be written"


@pytest.mark.usefixtures("broken")
def test_without_any_descriptor_the_call_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Broken())
    kept = os.dup(2)
    os.close(2)
    try:
        logger_of("app.tools.mine").warning(FORGED)
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def test_a_handler_that_fails_outside_of_writing_says_so_too(capsys: pytest.CaptureFixture[str]) -> None:
    record = logging.makeLogRecord({"msg": FORGED, "levelname": "ERROR"})
    try:
        int(FORGED)
    except ValueError:
        logger.registered_handler.handleError(record)

    (line,) = capsys.readouterr().err.splitlines()
    assert (json.loads(line)["message"], json.loads(line)["log_problem"]) == (FORGED, "ValueError")


def test_a_formatter_that_always_fails_leaves_a_line_that_says_where() -> None:
    class Failing(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            raise RecursionError(FORGED)

    handler = LineHandler(stream := Written())
    handler.setFormatter(Failing())
    handler.handle(logging.makeLogRecord({"name": "app.x", "funcName": "do", "lineno": 7}))

    (line,) = stream.lines
    assert (line["message"], line["logger"], line["location"], line["log_problem"]) == (
        "log line could not be made",
        "app.x",
        "do:7",
        "RecursionError",
    )


def test_a_call_for_the_log_at_the_end_of_the_stack_loses_nothing_but_its_fields(written: Written) -> None:
    said = 0

    def descend() -> None:
        nonlocal said
        try:
            logging.getLogger("app.tools.mine").warning("deep", extra={"detail": FORGED})
            descend()
        except RecursionError:
            return
        said += 1

    logs.configure()
    descend()

    assert said <= len(written.lines)


def test_handlers_that_others_add_print_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    other = logging.StreamHandler(Broken())
    theirs = logger_of("theirs")
    theirs.addHandler(other)
    theirs.warning(FORGED)
    theirs.removeHandler(other)

    assert capsys.readouterr().err == ""


def test_a_powertools_logger_of_a_team_does_not_drop_the_records(written: Written) -> None:
    from aws_lambda_powertools import Logger

    Logger(service="app.rec")
    Rig().call("whoami")
    logging.getLogger("app.rec").handlers.clear()

    assert [line["message"] for line in written.lines if line["message"] == "exchange"] == ["exchange"]


def test_a_warning_is_one_line(written: Written) -> None:
    logs.configure()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # pytest holds warnings back in the same place.
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(FORGED, stacklevel=1)

    (line,) = written.lines
    assert line["level"] == "WARNING"
    assert "UserWarning" in line["message"]


def test_what_the_loop_has_to_say_is_one_line(written: Written) -> None:
    async def scenario() -> None:
        logs.configure()
        asyncio.get_running_loop().call_exception_handler({"message": FORGED, "odd": Mute()})
        task = asyncio.create_task(failing())
        await asyncio.wait([task])
        del task
        gc.collect()

    async def failing() -> None:
        raise ValueError(FORGED)

    asyncio.run(scenario())

    assert [line["level"] for line in written.lines] == ["ERROR", "ERROR"]
    assert FORGED in written.lines[1]["exception"]


@pytest.mark.parametrize("error", [ValueError(FORGED), Mute, None], ids=["forged", "mute", "no error"])
def test_the_hooks_write_a_line_of_any_error(
    error: Any, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    if error is Mute:
        error = type("Silent", (ValueError, Mute), {})()
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    logs.configure()
    logs.replace_hooks()

    raised, hooks = (type(error), error, None), (sys.unraisablehook, threading.excepthook)
    for hook in hooks:
        call: Any = hook
        call(_Hooked(*raised))
        call(_Hooked(SystemExit, None, None))
    sys.excepthook(*raised)

    assert [line["message"] for line in written.lines] == [
        *("exception ignored", "exception ignored", "thread failed", "process failed"),
    ]


class _Hooked(NamedTuple):
    """What Python gives to its hooks, which nobody else can make."""

    exc_type: Any
    exc_value: Any
    exc_traceback: Any


HOOKS = f"""
import gc, sys, threading, warnings
import app.handler

FORGED = {FORGED!r}

class Mute(ValueError):
    def __str__(self):
        raise ValueError(FORGED)

class Deleted:
    def __del__(self):
        raise ValueError(FORGED)

def fail(error):
    raise error

Deleted()
gc.collect()
for error in (ValueError(FORGED), Mute(), SystemExit(0)):
    thread = threading.Thread(target=fail, args=[error])
    thread.start()
    thread.join()
warnings.warn(FORGED)
raise ValueError(FORGED)
"""


def test_tracebacks_that_python_itself_would_print_are_lines_too() -> None:
    environment = {**ENVIRONMENT, "PYTHONPATH": "."}
    ran = subprocess.run(
        [sys.executable, "-c", HOOKS], env=environment, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (1, "")
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [line["message"] for line in said if line["level"] == "ERROR"] == [
        "exception ignored",
        "thread failed",
        "thread failed",
        "process failed",
    ]
    assert [line["level"] for line in said].count("WARNING") == 1


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARN", "ERROR", "CRITICAL", "nonsense"])
def test_libraries_stay_at_warning_at_every_level(
    level: str, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", level)
    logs.configure()
    root = logging.getLogger()
    for root_level in (logging.WARNING, logging.DEBUG):
        root.setLevel(root_level)
        for name in (*logs.QUIET_LIBRARIES, "botocore.parsers", "botocore.made.later", "httpx2.new", "workos.x.y"):
            assert not logging.getLogger(name).isEnabledFor(logging.INFO)
            assert logging.getLogger(name).isEnabledFor(logging.WARNING)
    monkeypatch.undo()
    logs.configure()

    assert written.lines == []
    assert root.level == logging.WARNING
