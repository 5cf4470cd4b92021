"""Answers of WorkOS kept for a minute: asked once at a time, never longer than they may be."""

import asyncio
from dataclasses import dataclass, field

import pytest

from app.access.cache import CACHE_SECONDS, MAX_CACHED_ANSWERS, MinuteCache, Undecidable
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
            raise Undecidable
        return None if key == "nothing" else key.upper()


def create_cache() -> tuple[MinuteCache[str, str | None], Source, Clock]:
    source, clock = Source(), Clock()
    source.open.set()
    return MinuteCache(source, clock), source, clock


def test_many_callers_at_once_cause_one_question() -> None:
    async def scenario() -> None:
        memory, source, _ = create_cache()
        source.open.clear()
        waiting = [asyncio.create_task(memory.get("a")) for _ in range(50)]
        await asyncio.sleep(0)
        source.open.set()

        answers = await asyncio.gather(*waiting)

        assert source.asked == ["a"]
        assert answers == [("A", True)] + [("A", False)] * 49
        assert memory._locks == {}

    asyncio.run(scenario())


def test_an_answer_serves_for_its_time_and_not_longer() -> None:
    async def scenario() -> None:
        memory, source, clock = create_cache()
        await memory.get("a")
        clock.now += CACHE_SECONDS - 1
        assert await memory.get("a") == ("A", False)
        clock.now += 1
        assert await memory.get("a") == ("A", True)
        clock.now -= 1  # the clock is set back: nobody knows how old the answer is
        assert await memory.get("a") == ("A", True)
        assert source.asked == ["a"] * 3

    asyncio.run(scenario())


def test_that_there_is_nothing_is_an_answer_too() -> None:
    async def scenario() -> None:
        memory, source, _ = create_cache()
        assert await memory.get("nothing") == (None, True)
        assert await memory.get("nothing") == (None, False)
        assert source.asked == ["nothing"]

    asyncio.run(scenario())


def test_an_old_answer_does_not_serve_where_there_is_no_new_one() -> None:
    async def scenario() -> None:
        memory, source, clock = create_cache()
        await memory.get("a")
        clock.now += CACHE_SECONDS
        source.fails = True
        with pytest.raises(Undecidable, match="temporary"):
            await memory.get("a")
        source.fails = False
        assert await memory.get("a") == ("A", True)

    asyncio.run(scenario())


def test_a_caller_that_is_cancelled_leaves_the_others_an_answer() -> None:
    async def scenario() -> None:
        memory, source, _ = create_cache()
        source.open.clear()
        first, second, third = (asyncio.create_task(memory.get("a")) for _ in range(3))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        source.open.set()

        assert await second == ("A", True)
        assert await third == ("A", False)
        assert source.asked == ["a", "a"]
        assert memory._locks == {}

    asyncio.run(scenario())


def test_one_environment_remembers_a_bounded_number_of_answers() -> None:
    async def scenario() -> None:
        memory, _, _ = create_cache()
        for number in range(MAX_CACHED_ANSWERS + 1):
            await memory.get(str(number))
        assert await memory.get(str(MAX_CACHED_ANSWERS)) == (str(MAX_CACHED_ANSWERS), False)
        assert await memory.get("1") == ("1", False)
        assert await memory.get("0") == ("0", True)

    asyncio.run(scenario())
