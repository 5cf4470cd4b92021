"""The one context variable of an exchange: nobody ever finds the value of another one."""

import asyncio
import contextvars
from collections.abc import Iterator

import pytest

from app.current import Slot

NUMBER: Slot[int] = Slot("number")
OTHER: Slot[str] = Slot("other")


def test_outside_of_an_exchange_nothing_is_found() -> None:
    assert NUMBER.find() is None
    with pytest.raises(LookupError, match="no number is bound"):
        NUMBER.get()
    assert repr(NUMBER) == "Slot('number')"


def test_each_slot_has_a_value_of_its_own() -> None:
    def bind() -> None:
        assert (NUMBER.bind(1), OTHER.bind("one")) == (1, "one")
        assert (NUMBER.get(), OTHER.find()) == (1, "one")

    contextvars.copy_context().run(bind)
    assert (NUMBER.find(), OTHER.find()) == (None, None)


def test_a_block_puts_back_the_value_from_before() -> None:
    with pytest.raises(ValueError, match="x"), NUMBER.bound(1):  # noqa: PT012 - the order is what is tested
        with NUMBER.bound(2) as inner:
            assert (inner, NUMBER.get()) == (2, 2)
        assert NUMBER.get() == 1
        raise ValueError("x")
    assert NUMBER.find() is None


def test_a_task_left_behind_keeps_its_own_and_changes_no_other() -> None:
    async def scenario() -> None:
        told = asyncio.Event()
        seen: list[int | None] = []

        async def left_behind() -> None:
            await told.wait()
            seen.append(NUMBER.find())
            NUMBER.bind(99)
            OTHER.bind("stolen")

        async def exchange(number: int) -> asyncio.Task[None]:
            NUMBER.bind(number)
            task = asyncio.create_task(left_behind())
            NUMBER.bind(number + 1)  # the task has what was bound when it began
            return task

        first = await asyncio.create_task(exchange(1))

        async def later() -> None:
            NUMBER.bind(10)
            told.set()
            await first
            assert (NUMBER.get(), OTHER.find()) == (10, None)

        await asyncio.create_task(later())
        assert (seen, NUMBER.find()) == ([1], None)

    asyncio.run(scenario())


def test_a_generator_left_behind_sees_the_context_that_resumes_it_and_no_other() -> None:
    async def scenario() -> None:
        def values() -> Iterator[int | None]:
            while True:
                yield NUMBER.find()

        async def begin() -> Iterator[int | None]:
            NUMBER.bind(1)
            left = values()
            assert next(left) == 1
            return left

        left = await asyncio.create_task(begin())

        assert next(left) is None

    asyncio.run(scenario())
