"""What docs/asking.md shows works as written."""

import re
from typing import Any

import pytest

from app.audit.record import REASONS
from app.protocol.asking import request_state, round_trip
from app.runtime.secrets import SUSPECT_AGE_SECONDS
from tests.blocks import ROOT, blocks
from tests.packages import Write
from tests.protocol.asking import VISITED, Conversation, accept
from tests.rig import ERAS, Rig

PAGE = ROOT.joinpath("docs/asking.md").read_text()
ARCHIVE, AT_ONCE, CONNECT, CALLBACK, TEST = blocks("python", "docs/asking.md")


@pytest.fixture
def rig(write: Write) -> Rig:
    return Rig(tools=write(archive_project=ARCHIVE, connect_tracker=CONNECT))


def test_the_first_tool_asks_and_goes_on(rig: Rig) -> None:
    call = Conversation(rig, "archive_project", {"project": "Moon"})

    assert call.asked()[0]["message"] == "Archive Moon? Nobody can change it afterwards."
    assert call.says(accept(really=True)) == "Moon is archived."


def test_the_first_tool_says_what_to_do_where_nobody_can_be_asked(rig: Rig) -> None:
    call = Conversation(rig, "archive_project", {"project": "Moon"}, version=ERAS[0])

    assert call.says() == "You cannot be asked here. Archive the project in the web application."


def test_the_page_of_the_second_tool_has_the_ticket_and_is_asked_for_what_it_has(rig: Rig) -> None:
    call = Conversation(rig, "connect_tracker")

    (page,) = call.asked()

    assert re.fullmatch(r"https://app\.example\.com/connect/[\w-]{22}", page["url"])
    assert call.says(VISITED) == "The page has nothing from you yet. Finish there, then call again."


def test_the_test_passes() -> None:
    words: dict[str, Any] = {}

    exec(ARCHIVE + TEST, words)  # noqa: S102 - the page is ours


def test_questions_at_once_are_put_before_the_first_await() -> None:
    assert AT_ONCE.index("ask(") < AT_ONCE.rindex("ask(") < AT_ONCE.index("await")


def test_the_figures_are_the_codes() -> None:
    hours = request_state.MAX_CALL_SECONDS / 3600
    longest = "an hour" if hours == 1 else f"{hours:g} hours"
    minutes = f"{request_state.MAX_STEP_SECONDS / 60:g} minutes after the question"
    assert f"| until | {minutes}, {longest} after the call began |" in PAGE
    assert f"{round_trip.MAX_STATE_BYTES // 1024} KiB" in PAGE
    assert f"at most every {SUSPECT_AGE_SECONDS:g} seconds" in PAGE


def test_every_reason_is_told() -> None:
    assert {reason for reason in REASONS if reason.startswith("state_")} == set(re.findall(r"`(state_\w+)`", PAGE))
