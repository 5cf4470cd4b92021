"""Everything that a team's function, or a library below it, may do wrong."""

import asyncio
import contextvars
import logging
import math
import sys
import warnings
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from app.authoring import Session, ToolError

logger = logging.getLogger("team.library")
variable: contextvars.ContextVar[str] = contextvars.ContextVar("misbehaving")


class PanicError(BaseException):
    """As a library that is written in Rust raises it."""


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


class Stubborn(BaseException):
    def __str__(self) -> str:
        raise SystemExit(4)

    __repr__ = __str__


async def raise_with_text(text: str) -> NoReturn:
    raise ValueError(text)


async def raise_chain(text: str) -> None:
    try:
        empty: dict[str, str] = {}
        _ = empty[text]
    except KeyError as error:
        error.add_note(text)
        raise LookupError(text) from error


async def raise_group(text: str) -> NoReturn:
    raise BaseExceptionGroup(text, [ValueError(text), PanicError(text)])


async def raise_tool_error(text: str) -> NoReturn:
    raise ToolError("The tool says no.")


def raiser(error: Callable[[str], BaseException]) -> Callable[[str], Coroutine[Any, Any, Any]]:
    async def behave(text: str) -> NoReturn:
        raise error(text)

    return behave


async def cancel_everything(text: str) -> str:
    for task in asyncio.all_tasks():
        task.cancel()
    await asyncio.sleep(0)
    return "done"


async def cancel_itself(text: str) -> str:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)
    return "done"


async def stop_the_loop(text: str) -> str:
    asyncio.get_running_loop().stop()
    await asyncio.sleep(0)
    return "done"


async def leave_a_task_that_raises(text: str) -> str:
    async def later() -> None:
        await asyncio.sleep(0)
        raise ValueError(text)

    asyncio.ensure_future(later())  # noqa: RUF006 - left behind, as it is meant
    return "done"


async def leave_a_task_that_exits(text: str) -> str:
    async def later() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        sys.exit(5)

    asyncio.ensure_future(later())  # noqa: RUF006
    return "done"


async def leave_a_callback_that_raises(text: str) -> str:
    def later() -> None:
        raise ValueError(text)

    asyncio.get_running_loop().call_soon(later)
    return "done"


async def recurse(text: str) -> str:
    return await recurse(text)


async def log_lines(text: str) -> str:
    logger.warning("said %s", text, extra={"detail": text, "level": "AUDIT", "user_id": "user_VICTIM"})
    logging.getLogger("app").error(text, exc_info=ValueError(text))
    return "done"


async def warn(text: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn(text, stacklevel=1)
    return "done"


async def hide_the_session(text: str) -> str:
    variable.set(text)
    return "done"


async def return_odd_values(text: str) -> Any:
    loop: list[Any] = []
    loop.append(loop)
    return loop


async def raise_while_cleaning_up(text: str) -> str:
    try:
        await asyncio.sleep(0)
    finally:
        raise PanicError(text)


BEHAVIOURS: dict[str, Callable[[str], Coroutine[Any, Any, Any]]] = {
    "raise_with_text": raise_with_text,
    "raise_chain": raise_chain,
    "raise_group": raise_group,
    "raise_tool_error": raise_tool_error,
    "raise_panic": raiser(PanicError),
    "raise_unprintable": raiser(lambda text: Unprintable()),
    "raise_stubborn": raiser(lambda text: Stubborn()),
    "raise_generator_exit": raiser(GeneratorExit),
    "raise_stop_iteration": raiser(StopIteration),
    "raise_stop_async_iteration": raiser(StopAsyncIteration),
    "raise_cancelled": raiser(asyncio.CancelledError),
    "raise_timeout": raiser(TimeoutError),
    "raise_memory": raiser(MemoryError),
    "raise_exit": raiser(SystemExit),
    "cancel_everything": cancel_everything,
    "cancel_itself": cancel_itself,
    "stop_the_loop": stop_the_loop,
    "leave_a_task_that_raises": leave_a_task_that_raises,
    "leave_a_task_that_exits": leave_a_task_that_exits,
    "leave_a_callback_that_raises": leave_a_callback_that_raises,
    "recurse": recurse,
    "log_lines": log_lines,
    "warn": warn,
    "hide_the_session": hide_the_session,
    "return_odd_values": return_odd_values,
    "raise_while_cleaning_up": raise_while_cleaning_up,
    "return_nan": lambda text: _give(math.nan),
    "return_surrogates": lambda text: _give(text + "\ud800"),
    "return_bytes": lambda text: _give(text.encode("utf-8", "surrogatepass")),
    "return_an_object": lambda text: _give(object()),
}


async def _give(value: Any) -> Any:
    return value


def who(session: Session) -> dict[str, str]:
    return {"user_id": session.user_id}
