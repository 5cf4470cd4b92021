"""Answers of WorkOS kept for a minute: asked once at a time, never longer than they may be."""

import asyncio
from dataclasses import dataclass, field

import pytest

from app.auth.access.kept import FAILURE_TTL, LIMIT, TTL, Kept, Undecidable
from tests.issuer import Clock


@dataclass
class Source:
    """WorkOS as one function: it answers when the test lets it."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    fails: bool = False

    async def __call__(self, key: str) -> str | None:
        self.asked.append(key)
        await self.open.wait()
        if self.fails:
            raise Undecidable("down")
        return None if key == "nothing" else key.upper()


def soon(seconds: float = 30) -> float:
    return asyncio.get_running_loop().time() + seconds


def kept() -> tuple[Kept[str, str | None], Source, Clock]:
    source, clock = Source(), Clock()
    source.open.set()
    return Kept(source, clock), source, clock


def test_many_callers_at_once_cause_one_question() -> None:
    async def scenario() -> None:
        memory, source, _ = kept()
        source.open.clear()
        waiting = [asyncio.create_task(memory.get("a", deadline=soon())) for _ in range(50)]
        await asyncio.sleep(0)
        source.open.set()

        answers = await asyncio.gather(*waiting)

        assert source.asked == ["a"]
        assert answers == [("A", True)] + [("A", False)] * 49

    asyncio.run(scenario())


def test_an_answer_serves_for_its_time_and_not_longer() -> None:
    async def scenario() -> None:
        memory, source, clock = kept()
        await memory.get("a", deadline=soon())
        clock.now += TTL - 1
        assert await memory.get("a", deadline=soon()) == ("A", False)
        clock.now += 1
        assert await memory.get("a", deadline=soon()) == ("A", True)
        clock.now -= 7200  # the clock is set back: an answer must not live two hours longer
        assert await memory.get("a", deadline=soon()) == ("A", True)
        assert source.asked == ["a"] * 3

    asyncio.run(scenario())


def test_that_there_is_nothing_is_an_answer_too() -> None:
    async def scenario() -> None:
        memory, source, _ = kept()
        assert await memory.get("nothing", deadline=soon()) == (None, True)
        assert await memory.get("nothing", deadline=soon()) == (None, False)
        assert source.asked == ["nothing"]

    asyncio.run(scenario())


def test_after_a_failure_nobody_waits_for_a_while_and_old_answers_do_not_serve() -> None:
    async def scenario() -> None:
        memory, source, clock = kept()
        await memory.get("a", deadline=soon())
        clock.now += TTL
        source.fails = True
        for _ in range(3):
            with pytest.raises(Undecidable, match="temporary"):
                await memory.get("a", deadline=soon())
        assert source.asked == ["a"] * 2
        clock.now += FAILURE_TTL
        source.fails = False
        assert await memory.get("a", deadline=soon()) == ("A", True)

    asyncio.run(scenario())


def test_a_deadline_ends_the_wait_and_is_remembered_as_a_failure() -> None:
    async def scenario() -> None:
        memory, source, _ = kept()
        source.open.clear()
        for _ in range(2):
            with pytest.raises(Undecidable) as caught:
                await memory.get("a", deadline=soon(0.01))
            assert caught.value.reason == "timeout"
        assert source.asked == ["a"]

    asyncio.run(scenario())


def test_a_caller_in_a_hurry_does_not_end_the_wait_of_another() -> None:
    async def scenario() -> None:
        memory, source, _ = kept()
        source.open.clear()
        patient = asyncio.create_task(memory.get("a", deadline=soon()))
        await asyncio.sleep(0)
        with pytest.raises(Undecidable):
            await memory.get("a", deadline=soon(0.01))
        source.open.set()

        assert await patient == ("A", True)
        assert await memory.get("a", deadline=soon()) == ("A", False)
        assert source.asked == ["a"]

    asyncio.run(scenario())


def test_a_caller_that_is_cancelled_leaves_the_others_an_answer() -> None:
    async def scenario() -> None:
        memory, source, _ = kept()
        source.open.clear()
        first, second = (asyncio.create_task(memory.get("a", deadline=soon())) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        source.open.set()

        assert await second == ("A", True)
        assert source.asked == ["a", "a"]

    asyncio.run(scenario())


def test_one_environment_remembers_a_bounded_number_of_answers() -> None:
    async def scenario() -> None:
        memory, _, _ = kept()
        for number in range(LIMIT + 1):
            await memory.get(str(number), deadline=soon())
        assert await memory.get(str(LIMIT), deadline=soon()) == (str(LIMIT), False)
        assert await memory.get("1", deadline=soon()) == ("1", False)
        assert await memory.get("0", deadline=soon()) == ("0", True)

    asyncio.run(scenario())
