"""The outbox: what is tried again, how often, what is given up, and who waits for whom."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from app.audit.event import AuditEvent
from app.audit.outbox import MAX_PENDING_EVENTS, MAX_SENDERS, RETRY_PAUSES_SECONDS, Outbox
from tests.issuer import Clock
from tests.log import Log

LOST = "audit event lost"
SHORT = (0.001,) * 3


class Refused(Exception):
    def __init__(self, status_code: int) -> None:
        self.status_code = status_code


def event(name: str = "export") -> AuditEvent:
    return AuditEvent(
        key=name,
        organization_id="org_01ACME",
        occurred_at=datetime(2026, 11, 23, tzinfo=UTC),
        actor_id="user_01ALICE",
        actor_type="user",
        target_id=name,
        target_type="tool",
        location="192.0.2.1",
        user_agent=None,
        metadata={},
    )


@dataclass
class Post:
    """WorkOS as far as an outbox meets it: what `refuse` raises for an event is what becomes of it."""

    refuse: Callable[[AuditEvent, int], Exception | None] = lambda event, attempt: None
    sent: list[str] = field(default_factory=list)
    attempts: list[AuditEvent] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.hold.set()

    async def __call__(self, event: AuditEvent) -> None:
        self.attempts.append(event)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.hold.wait()
        finally:
            self.at_once -= 1
        if problem := self.refuse(event, self.attempts.count(event)):
            raise problem
        self.sent.append(event.key)


def run(scenario: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(scenario(), 120))


def test_an_event_is_tried_again_as_it_is_until_it_is_taken(log: Log) -> None:
    async def scenario() -> Post:
        post = Post(lambda event, attempt: Refused(503) if attempt < 3 else None)
        pending = Outbox(post, Clock(), SHORT).put(event())
        assert pending
        await pending.completion
        return post

    post = run(scenario)

    assert post.sent == ["export"]
    assert len({id(each) for each in post.attempts}) == 1
    assert log(LOST) == []


def test_an_event_is_given_up_after_the_last_pause(log: Log) -> None:
    async def scenario() -> Post:
        post = Post(lambda event, attempt: Refused(503))
        pending = Outbox(post, Clock(), SHORT).put(event())
        assert pending
        await pending.completion
        return post

    assert len(run(scenario).attempts) == len(SHORT) + 1
    (line,) = log(LOST)
    assert (line["reason"], line["cause"], line["status"], line["tool"]) == ("given_up", "Refused", 503, "export")


@pytest.mark.parametrize(("status", "attempts"), [(400, 1), (404, 1), (409, 1), (422, 1), (401, 2), (429, 2)])
def test_what_workos_refuses_for_good_is_not_tried_again(status: int, attempts: int, log: Log) -> None:
    async def scenario() -> Post:
        post = Post(lambda event, attempt: Refused(status) if attempt == 1 else None)
        pending = Outbox(post, Clock(), SHORT).put(event())
        assert pending
        await pending.completion
        return post

    assert len(run(scenario).attempts) == attempts
    assert [line["reason"] for line in log(LOST)] == ["refused"] * (attempts == 1)


def test_one_that_workos_cannot_digest_holds_up_no_other() -> None:
    async def scenario() -> list[str]:
        post = Post(lambda event, attempt: ValueError() if event.key == "poison" else None)
        outbox = Outbox(post, Clock(), SHORT)
        every = [outbox.put(event(name)) for name in ["poison", "a", "b", "c", "d", "e"]]
        await asyncio.gather(*[each.completion for each in every if each])
        return post.sent

    assert sorted(run(scenario)) == ["a", "b", "c", "d", "e"]


def test_few_are_sent_at_the_same_time() -> None:
    async def scenario() -> Post:
        post = Post()
        post.hold.clear()
        outbox = Outbox(post, Clock(), SHORT)
        every = [outbox.put(event(str(number))) for number in range(20)]
        await asyncio.sleep(0)
        post.hold.set()
        await asyncio.gather(*[each.completion for each in every if each])
        return post

    post = run(scenario)

    assert len(post.sent) == 20
    assert post.most_at_once == MAX_SENDERS


def test_room_comes_back_with_what_was_sent(log: Log) -> None:
    async def scenario() -> list[bool]:
        post = Post()
        post.hold.clear()
        outbox = Outbox(post, Clock(), SHORT)
        every = [outbox.put(event(str(number))) for number in range(MAX_PENDING_EVENTS)]
        full = outbox.put(event("one too many"))
        post.hold.set()
        await asyncio.gather(*[each.completion for each in every if each])
        return [full is None, outbox.put(event("later")) is None]

    assert run(scenario) == [True, False]
    assert [line["reason"] for line in log(LOST)] == ["full"]


def test_after_a_failure_answers_go_without_waiting_until_the_pause_is_over() -> None:
    clock = Clock()

    async def scenario() -> list[bool]:
        outbox = Outbox(Post(lambda event, attempt: Refused(503)), clock)
        outbox.put(event())
        before = outbox.is_resting
        await asyncio.sleep(0)
        after = outbox.is_resting
        clock.now += RETRY_PAUSES_SECONDS[0]
        return [before, after, outbox.is_resting]

    assert run(scenario) == [False, True, False]


def test_a_clock_that_was_set_back_ends_the_rest() -> None:
    clock = Clock()

    async def scenario() -> list[bool]:
        outbox = Outbox(Post(lambda event, attempt: Refused(503)), clock)
        outbox.put(event())
        await asyncio.sleep(0)
        resting = outbox.is_resting
        clock.now -= 3600
        return [resting, outbox.is_resting]

    assert run(scenario) == [True, False]


def test_what_goes_through_ends_the_rest() -> None:
    async def scenario() -> bool:
        post = Post(lambda event, attempt: Refused(503) if event.key == "down" else None)
        outbox = Outbox(post, Clock())
        outbox.put(event("down"))
        await asyncio.sleep(0)
        assert outbox.is_resting
        pending = outbox.put(event("fine"))
        assert pending
        await pending.completion
        return outbox.is_resting

    assert run(scenario) is False


def test_the_end_of_a_server_sends_what_it_can_and_tells_the_rest(log: Log) -> None:
    async def scenario() -> list[str]:
        post = Post(lambda event, attempt: Refused(503) if event.key == "down" else None)
        outbox = Outbox(post, Clock())
        outbox.put(event("down"))
        outbox.put(event("fine"))
        await outbox.close(0.05)
        return post.sent

    assert run(scenario) == ["fine"]
    assert [(line["reason"], line["tool"]) for line in log(LOST)] == [("shutdown", "down")]


def test_an_outbox_that_was_never_used_closes(log: Log) -> None:
    async def scenario() -> None:
        await Outbox(Post(), Clock()).close(1)

    run(scenario)

    assert log() == []


caller: ContextVar[str] = ContextVar("caller")


def test_what_sends_events_is_in_the_context_of_no_caller() -> None:
    seen: list[str] = []

    async def send(event: AuditEvent) -> None:
        seen.append(caller.get("nobody"))

    async def scenario() -> None:
        caller.set("user_01ALICE")
        pending = Outbox(send, Clock()).put(event())
        assert pending
        await pending.completion

    run(scenario)

    assert seen == ["nobody"]


@pytest.mark.parametrize("is_sent", [True, False], ids=["while it is sent", "while it waits to be sent again"])
def test_an_event_whose_sender_is_ended_is_sent_by_the_next_one(is_sent: bool, log: Log) -> None:
    async def scenario() -> list[str]:
        trouble = [] if is_sent else [Refused(503)]
        post = Post(lambda event, attempt: trouble.pop() if trouble else None)
        if is_sent:
            post.hold.clear()
        outbox, others = Outbox(post, Clock(), (60.0,)), asyncio.all_tasks()
        first = outbox.put(event("first"))
        await asyncio.sleep(0)
        for sender in asyncio.all_tasks() - others:
            sender.cancel()  # as the handler does when a tool calls for the end of the program
        await asyncio.sleep(0)
        post.hold.set()
        second = outbox.put(event("second"))
        assert first
        assert second
        await asyncio.gather(first.completion, second.completion)
        return post.sent

    assert sorted(run(scenario)) == ["first", "second"]
    assert log(LOST) == []
