"""What the history of an execution says about work that goes on: its last message, and its open questions.

Only the engine knows where an event is, so the history is read from its newest event backwards. AWS answers 15
such requests a second in a Region, and a long history takes several, so it is read to its beginning once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.protocol.tasks.names import ANSWER, QUESTION, SAY, STEP, read_name
from app.runtime.durable import DurableEngine, Event

FIRST_PAGE_EVENTS = 200
"""The whole history of nearly all work."""
PAGE_EVENTS = 1000
"""AWS Lambda API reference, GetDurableExecutionHistory: the most that MaxItems takes."""
MAX_PAGES = 10
"""An execution has 3,000 operations at most (AWS Lambda quotas), and each two events or three."""
DATA_PAGE_EVENTS = 200
"""With data a page also has what steps returned, which may be large."""
MAX_DATA_PAGES = 25
"""Lambda keeps 100 MB of an execution at most, and no answer of it is longer than 6 MB."""

MAX_REMEMBERED_WORK = 100
MAX_REMEMBERED_BYTES = 16 * 1024
"""Of the questions of one work, as JSON."""

_ENDS = ("CallbackSucceeded", "CallbackFailed", "CallbackTimedOut")


@dataclass(frozen=True, slots=True)
class History:
    """What was found, and in which pages the questions are."""

    message: str | None
    """What the tool said last; the name of its last step if it never said anything."""
    updated: float | None
    """When the newest event happened, in seconds since the epoch."""
    waiting: Mapping[str, str]
    """From the key of each question that waits for its answer to the callback that takes it, in their order."""
    markers: Mapping[str | None, int]
    """The pages with the steps that put these questions: the marker of each page, and how many events it has."""
    kept: Sequence[Event] = ()
    """The events behind `message` and `waiting`, the newest first: all that later looks need of these pages."""
    newest: int = 0
    """The number of the newest event."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an earlier look has read: of events up to `newest`, those that still matter."""

    kept: Sequence[Event]
    newest: int
    requests: Mapping[str, Any]
    """All questions that wait, as they go to a client, by key."""

    def continues(self, events: Sequence[Event]) -> bool:
        """Whether nothing lies between these events, the newest first, and what is remembered."""
        return bool(events) and 0 < events[-1].number <= self.newest + 1

    def before(self, events: Sequence[Event]) -> Iterable[Event]:
        """What is remembered from before these events."""
        return (each for each in self.kept if each.number < events[-1].number)


class Memory:
    """What this environment remembers of work, so that it reads the old part of a long history once."""

    def __init__(self) -> None:
        self._works: dict[str, Remembered] = {}

    def find(self, arn: str) -> Remembered | None:
        """What an earlier look at this work has read."""
        return self._works.get(arn)

    def keep(self, arn: str, history: History, requests: Mapping[str, Any]) -> None:
        """Remember this, unless its questions are missing or large: then the next look reads all again."""
        self._works.pop(arn, None)
        waiting = {key: requests[key] for key in history.waiting if key in requests}
        if len(waiting) == len(history.waiting) and len(json.dumps(waiting)) <= MAX_REMEMBERED_BYTES:
            self._works[arn] = Remembered(history.kept, history.newest, waiting)
        if len(self._works) > MAX_REMEMBERED_WORK:
            del self._works[next(iter(self._works))]  # that whose last look is the longest ago


async def read_history(
    engine: DurableEngine, arn: str, *, is_over: bool, remembered: Remembered | None = None
) -> History:
    """Read back to the beginning: a question may be older than a thousand steps that ran beside it.

    Nobody waits for answers of work that is over, so there the last message is enough. With something remembered,
    it reads the newest page, and further ones only as far as that.

    Raises:
        ExecutionUnknown, EngineUnavailable: the engine has no such execution, or gave no answer.
    """
    events: list[Event] = []
    pages: dict[str | None, list[Event]] = {}
    marker: str | None = None
    while len(pages) < MAX_PAGES:
        page = await engine.read_events(arn, most=PAGE_EVENTS if pages else FIRST_PAGE_EVENTS, marker=marker)
        pages[marker] = page.events
        events += page.events
        marker = page.marker
        if remembered is not None and remembered.continues(events):
            events += remembered.before(events)
            break
        if marker is None or (is_over and _find_event(events, SAY)):
            break
    named = _find_event(events, SAY) or _find_event(events, STEP)
    waits = [] if is_over else _find_waiting(events)
    waiting = {each.name: each.callback_id for each in reversed(waits) if each.callback_id}
    return History(
        message=None if named is None else read_name(named.name),
        updated=max((each.at for each in events), default=None),
        waiting=waiting,
        markers={marker: len(each) for marker, each in pages.items() if _puts_any(each, waiting)},
        kept=sorted([*waits, *([named] if named else [])], key=lambda each: -each.number),
        newest=max((each.number for each in events), default=0),
    )


async def read_requests(engine: DurableEngine, arn: str, history: History) -> dict[str, Any]:
    """The questions that wait, as they go to a client, by key. Only their pages are read, with data.

    Raises:
        ExecutionUnknown, EngineUnavailable: as `read_history`.
    """
    requests: dict[str, Any] = {}
    for first, count in history.markers.items():
        marker, seen = first, 0
        # An event that happened meanwhile moves the others on, so this reads a little farther.
        for _ in range(MAX_DATA_PAGES):
            page = await engine.read_events(arn, most=DATA_PAGE_EVENTS, marker=marker, with_data=True)
            requests |= {each.name: each.data for each in page.events if each.sub_type == QUESTION and each.data}
            marker, seen = page.marker, seen + len(page.events)
            is_read = seen >= count + DATA_PAGE_EVENTS or history.waiting.keys() <= requests.keys()
            if marker is None or is_read:
                break
    return requests


def _find_event(events: Sequence[Event], sub_type: str) -> Event | None:
    return next((each for each in events if each.sub_type == sub_type and each.kind.startswith("Step")), None)


def _find_waiting(events: Sequence[Event]) -> list[Event]:
    """The beginnings of callbacks that wait for an answer."""
    ended = {each.id for each in events if each.kind in _ENDS}
    begun = (each for each in events if each.kind == "CallbackStarted" and each.sub_type == ANSWER)
    return [each for each in begun if each.id not in ended]


def _puts_any(events: Sequence[Event], waiting: Mapping[str, str]) -> bool:
    return any(
        each.sub_type == QUESTION and each.kind == "StepSucceeded" and each.name in waiting for each in events
    )
