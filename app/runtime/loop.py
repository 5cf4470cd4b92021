"""The one event loop of all invocations, on which no call can end, cancel or silence what is not its own."""

import asyncio
import contextvars
import logging
import signal
import socket
import sys
import threading
import time
from asyncio import Handle
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any, NoReturn, TypeVar

from app.runtime.threads import AUTHORS, NAMES, NoThreadLeft, current_work

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Interruption(BaseException):
    """Ends a round trip and is no failure: where it ends a task of its own, nobody has to be told."""


class CallTask(asyncio.Task[T]):
    """A task that belongs to the call which began it, and which no other call can cancel."""

    def __init__(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        context: contextvars.Context | None = None,
        **options: Any,
    ) -> None:
        # Before the task itself is made, which may run it at once.
        self.call_context = contextvars.copy_context() if context is None else context
        self.owner = self.call_context.run(current_work)
        super().__init__(coro, context=self.call_context, **options)

    def cancel(self, msg: Any | None = None) -> bool:
        """As ever for the server and the call itself; nothing for another call, which may cancel all it sees."""
        work = current_work()
        return super().cancel(msg) if work is None or work is self.owner else False


def begin_task(
    loop: asyncio.AbstractEventLoop, coro: Any, *, context: contextvars.Context | None = None, **options: Any
) -> "CallTask[Any]":
    """asyncio's factory of tasks, with ours. Some options are of newer versions of Python alone."""
    return CallTask(coro, loop=loop, context=context, **options)


_make_eager: Any = getattr(asyncio, "create_eager_task_factory", lambda kind: begin_task)
begin_now: Callable[..., "CallTask[Any]"] = _make_eager(CallTask)
"""From Python 3.12 on, work that waits for nothing is over at once, without a turn of the loop."""


class ServerLoop(asyncio.SelectorEventLoop):
    """asyncio's loop, except that it is the server's: a tool that stops, closes or empties it does not.

    Names are looked up in threads of their own, and asyncio.to_thread uses those of authors.
    """

    def __init__(self) -> None:
        super().__init__()
        self.renew()

    def renew(self) -> None:
        """Put back what a call may have replaced."""
        super().set_default_executor(AUTHORS)
        self.set_task_factory(begin_task)
        self.set_exception_handler(tell_failure)

    def run_until_complete(self, future: Generator[Any, None, T] | Awaitable[T]) -> T:
        """Until then and no shorter, whoever stops the loop or calls for the end of the program meanwhile."""
        task: asyncio.Future[T] = asyncio.ensure_future(future, loop=self)  # type: ignore[arg-type]
        while True:
            try:
                return super().run_until_complete(task)
            except (SystemExit, KeyboardInterrupt) as error:
                context = _context_of(error)
                if context is None:  # of no task or callback: somebody ends this process, such as by Ctrl-C
                    raise
                context.copy().run(
                    logger.error, "background work called for the end of the program", exc_info=error
                )
            except RuntimeError:
                # Somebody stopped it; anything else, such as a loop that runs already, is an error.
                if task.done() or running_loop() is not None:
                    raise
            if task.done():
                return task.result()

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """As ever, in threads that no tool can fill."""
        return await self._look_up(socket.getaddrinfo, host, port, *(options.get(name, 0) for name in _HINTS))

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> Any:
        """As ever, in threads that no tool can fill."""
        return await self._look_up(socket.getnameinfo, sockaddr, flags)

    async def _look_up(self, function: Any, *args: Any) -> Any:
        try:
            return await self.run_in_executor(NAMES, function, *args)
        except NoThreadLeft:
            raise socket.gaierror(socket.EAI_AGAIN, "no thread left to look up names") from None

    def close(self) -> NoReturn:
        """Raises: RuntimeError. Later calls need it."""
        raise RuntimeError("this event loop is the server's, which ends with the process; do not close it")

    def set_default_executor(self, executor: Any) -> NoReturn:
        """Raises: RuntimeError. Later calls would use it."""
        raise RuntimeError("this event loop is the server's; pass your executor to loop.run_in_executor")

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncio's
        """Nothing: later calls need it."""

    async def shutdown_asyncgens(self) -> None:
        """Nothing: they are those of other calls too."""


_HINTS = ("family", "type", "proto", "flags")


def tell_failure(loop: asyncio.AbstractEventLoop, about: dict[str, Any]) -> None:
    """One line of what failed where nobody waits for it, with the ids of the call that began it.

    It may be another call that is served by then.
    """
    error, task = about.get("exception"), about.get("task") or about.get("future")
    if isinstance(error, Interruption):
        return
    of_task = getattr(task, "call_context", None)
    found = getattr(about.get("handle"), "_context", None) if of_task is None else of_task
    # A copy: asyncio may have entered the context itself already.
    context = contextvars.Context() if found is None else found.copy()
    work = context.run(current_work)
    extra = {"detail": about.get("message"), **({work.word: work.name} if work else {})}
    context.run(logger.error, "background work failed", extra=extra, exc_info=error or None)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread now."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _context_of(error: BaseException) -> contextvars.Context | None:
    """Of the task or callback that raised it, which the loop itself does not say."""
    for frame, _ in walk_tb(error.__traceback__):
        if isinstance(handle := frame.f_locals.get("self"), Handle):
            context: contextvars.Context = getattr(handle, "_context", None) or contextvars.Context()
            return context
    return None


_SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGALRM", "SIGVTALRM", "SIGPROF", "SIGINT", "SIGTERM", "SIGHUP", "SIGCHLD", "SIGUSR1", "SIGUSR2")
)
_TIMER_TOLERANCE = 0.01
"""Seconds by which the host's own timer may differ from what is left of it by our count."""
_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)


@contextmanager
def process_put_back() -> Iterator[None]:
    """Put back what is the whole process's: an alarm that a call set would go off in the middle of another one."""
    began, timers = time.monotonic(), [signal.getitimer(each) for each in _TIMERS]
    handlers = [signal.getsignal(each) for each in _SIGNALS]
    depth = sys.getrecursionlimit()
    try:
        yield
    finally:
        for timer, before in zip(_TIMERS, timers, strict=True):
            _put_back_timer(timer, before, time.monotonic() - began)
        if threading.current_thread() is threading.main_thread():  # no other thread can set one
            for number, handler in zip(_SIGNALS, handlers, strict=True):
                if signal.getsignal(number) is not handler and handler is not None:
                    signal.signal(number, handler)
        sys.setrecursionlimit(depth)


def _put_back_timer(timer: int, before: tuple[float, float], passed: float) -> None:
    """`before` is what was left of it and its interval, `passed` is how long ago; all in seconds."""
    (left, interval), now = before, signal.getitimer(timer)[0]
    if not left:
        if now:  # however soon it goes off: it is the call's
            signal.setitimer(timer, 0.0)
    elif timer == signal.ITIMER_REAL:
        # The others count down only while this process runs: the host's go on as they are.
        expected = max(left - passed, 0.001)
        if abs(now - expected) > _TIMER_TOLERANCE:
            signal.setitimer(timer, expected, interval)
