"""docs/background.md and docs/background-operate.md say what the code does."""

import asyncio
import inspect
import re
from dataclasses import fields
from typing import Any

import pytest

from app.authoring import Background, Work, make_session
from app.authoring.step import MAX_KEPT_BYTES
from app.authoring.work import MAX_KEEP_HOURS, MAX_MINUTES
from app.protocol.tasks.beginning import FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS, MAX_WAIT_SECONDS
from app.protocol.tasks.operations import MAX_OPERATIONS
from app.protocol.tasks.outcomes import MAX_RESULT_BYTES, explain_interruption
from app.protocol.tasks.running import MARGIN_SECONDS
from app.protocol.tasks.stopping import FIRST_LOOK_SECONDS, MAX_LOOK_SECONDS
from app.protocol.tasks.texts import CANCEL_WORK, GET_RESULT
from app.protocol.tasks.tools import get_result
from app.runtime.durable import MAX_PAYLOAD_BYTES
from tests.blocks import ROOT
from tests.packages import Write
from tests.tasks.test_accounts import ENDED

NUMBERS = {7: "seven", 8: "eight", 9: "nine", 10: "ten"}
PAGE = (ROOT / "docs/background.md").read_text()
OPERATE = (ROOT / "docs/background-operate.md").read_text()


def test_background_is_written_with_its_defaults() -> None:
    written = re.search(r"`background=Background\((.*?)\)`", PAGE)

    assert written is not None
    assert written[1] == ", ".join(f"{each.name}={each.default!r}" for each in fields(Background))


def test_the_numbers_are_those_of_the_code() -> None:
    assert f"within {MAX_WAIT_SECONDS:g} seconds" in PAGE
    seconds = inspect.signature(get_result).parameters["wait_seconds"].default
    assert f"{GET_RESULT}(handle, wait_seconds={seconds})" in PAGE
    assert f"`{CANCEL_WORK}(handle)`" in PAGE
    assert MAX_PAYLOAD_BYTES == 1024 * 1024
    assert "larger than 1 MiB" in PAGE
    assert f"more than {MAX_KEPT_BYTES // 1024} KiB of JSON" in PAGE
    assert 15 * 60 - MARGIN_SECONDS >= 14 * 60


@pytest.mark.parametrize("retries", [0, 2])
def test_the_page_quotes_what_is_said_of_interrupted_work(retries: int) -> None:
    said = explain_interruption(retries)["error"]["message"]
    quoted: list[str] = re.findall(r'`failed`: "(.*?)"', PAGE)

    assert any(each in said for each in quoted)


def test_the_page_quotes_what_the_worker_says_of_an_account() -> None:
    assert ENDED in re.sub(r"\s+", " ", PAGE)


def test_the_page_says_how_soon_cancelled_work_ends() -> None:
    assert f"asks after {FIRST_LOOK_SECONDS:g} seconds" in PAGE
    assert MAX_LOOK_SECONDS == 60
    assert "growing pauses of up to a minute" in re.sub(r"\s+", " ", PAGE)


def test_the_limits_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \| [^|]+ \|$", OPERATE, re.MULTILINE)
    most = {what.partition(" ")[0]: number for what, number in rows}

    assert most["arguments,"] == f"{MAX_PAYLOAD_BYTES // 1024**2} MiB"
    assert f"| {MAX_KEPT_BYTES // 1024} KiB |" in OPERATE
    assert most["the"] == f"{MAX_RESULT_BYTES:,} bytes as it travels"
    assert most["`minutes`"].startswith(f"{MAX_MINUTES:,} ")
    assert most["`keep_hours`"].startswith(f"{MAX_KEEP_HOURS:,} ")
    assert most["steps,"] == f"{MAX_OPERATIONS:,}"
    pauses, left = 0, MAX_WAIT_SECONDS
    while left > 0:
        pauses, left = pauses + 1, left - min(FIRST_PAUSE_SECONDS * 2**pauses, MAX_PAUSE_SECONDS)
    assert f"looks {NUMBERS[pauses + 1]} times in {MAX_WAIT_SECONDS:g} seconds" in OPERATE


def test_every_method_of_work_has_its_row() -> None:
    told = set(re.findall(r"`await work\.(\w+)\(", PAGE))
    methods = {name for name, _ in inspect.getmembers(Work, inspect.isfunction) if not name.startswith("_")}

    assert told == methods


def test_the_example_and_its_test_work(write: Write) -> None:
    blocks: list[str] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    module: Any = write(example=blocks[0])
    example: Any = __import__(f"{module.__name__}.example", fromlist=["example"])
    lines = [f"    {line}" for line in blocks[1].splitlines()]
    names: dict[str, Any] = {**vars(example), "Work": Work, "make_session": make_session}
    exec("async def check():\n" + "\n".join(lines), names)  # noqa: S102 - the page's own code

    asyncio.run(names["check"]())


@pytest.mark.parametrize(
    ("page", "other"),
    [
        ("README.md", "background.md"),
        ("docs/audit.md", "background.md"),
        ("docs/background.md", "background-operate.md"),
        ("docs/background-operate.md", "background.md"),
    ],
)
def test_other_pages_lead_there(page: str, other: str) -> None:
    assert f"]({'docs/' if page == 'README.md' else ''}{other})" in (ROOT / page).read_text()
