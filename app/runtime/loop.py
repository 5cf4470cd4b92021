"""The one event loop of all invocations, and the process around it.

A call can neither end the loop, nor cancel what belongs to another call, nor leave the process changed.
"""

import asyncio
import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from contextvars import Context, copy_context
from operator import is_
from typing import Any, NoReturn, TypeVar, TypeVarTuple

from app.runtime.threads import AUTHORS, NAMES, NoThreadLeft, find_work

logger = logging.getLogger(__name__)

T = TypeVar("T")
Args = TypeVarTuple("Args")


class Interruption(BaseException):
    """Ends a round trip. It is not a failure, so nothing is logged if it ends a task that nobody waits for."""


class CallTask(asyncio.Task[T]):
    """A task that belongs to the call that started it. Other calls cannot cancel it."""

    def __init__(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        context: Context | None = None,
        **options: Any,
    ) -> None:
        # Before super().__init__, which may run the first step of the task.
        self.call_context = copy_context() if context is None else context
        self.owner = self.call_context.run(find_work)
        super().__init__(coro, context=self.call_context, **options)

    def cancel(self, msg: Any | None = None) -> bool:
        """Cancel it if the server or its own call asks. A call may cancel all that it sees: only its own ends."""
        work = find_work()
        return super().cancel(msg) if work is None or work is self.owner else False


def begin_task(
    loop: asyncio.AbstractEventLoop, coro: Any, *, context: Context | None = None, **options: Any
) -> "CallTask[Any]":
    """Make a CallTask; asyncio calls this for every task. Newer versions of Python pass more options."""
    return CallTask(coro, loop=loop, context=context, **options)


_make_eager_factory: Any = getattr(asyncio, "create_eager_task_factory", lambda kind: begin_task)
begin_now: Callable[..., "CallTask[Any]"] = _make_eager_factory(CallTask)
"""From Python 3.12 on the task runs at once up to its first wait, without a turn of the loop."""


class ServerLoop(asyncio.SelectorEventLoop):
    """asyncio's loop, which a tool can neither stop, close nor empty.

    Names are looked up in threads of their own, and asyncio.to_thread uses the threads of authors.
    """

    def __init__(self) -> None:
        super().__init__()
        self._end_asked_by_work: BaseException | None = None
        self.renew()

    def renew(self) -> None:
        """Put back what a call may have replaced."""
        super().set_default_executor(AUTHORS)
        self.set_task_factory(begin_task)
        self.set_exception_handler(log_failure)

    def run_until_complete(self, future: Generator[Any, None, T] | Awaitable[T]) -> T:
        """Run until `future` is done, also if work on the loop stops the loop or calls sys.exit() meanwhile."""
        task: asyncio.Future[T] = asyncio.ensure_future(future, loop=self)  # type: ignore[arg-type]
        while True:
            try:
                return super().run_until_complete(task)
            except (SystemExit, KeyboardInterrupt) as error:
                if error is self._end_asked_by_work:
                    self._end_asked_by_work = None
                elif isinstance(error, SystemExit):
                    # Of a transport's protocol, whose callbacks do not come through _run_callback.
                    logger.exception("background work called for the end of the program")
                else:  # somebody ends this process by Ctrl-C
                    raise
            except RuntimeError:
                # If work stopped the loop, go on. Other reasons, such as a loop that runs already, are errors.
                if task.done() or running_loop() is not None:
                    raise
            if task.done():
                return task.result()

    # Each step of a task and each callback comes through one of these, and then runs in the context of its call.

    def call_soon(
        self, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.Handle:
        """Run the callback in the next turn; what it raises ends neither the loop nor the process."""
        return super().call_soon(self._run_callback, callback, *args, context=context)

    def call_soon_threadsafe(
        self, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.Handle:
        """The same, from another thread."""
        return super().call_soon_threadsafe(self._run_callback, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[*Args], object], *args: *Args, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """The same, at a time of the loop's clock; `call_later` comes here too."""
        return super().call_at(when, self._run_callback, callback, *args, context=context)

    def add_reader(self, fd: Any, callback: Callable[[*Args], object], *args: *Args) -> None:
        """The same, whenever `fd` can be read."""
        super().add_reader(fd, self._run_callback, callback, *args)

    def add_writer(self, fd: Any, callback: Callable[[*Args], object], *args: *Args) -> None:
        """The same, whenever `fd` can be written to."""
        super().add_writer(fd, self._run_callback, callback, *args)

    def add_signal_handler(self, sig: int, callback: Callable[[*Args], object], *args: *Args) -> None:
        """The same, whenever this process gets the signal."""
        super().add_signal_handler(sig, self._run_callback, callback, *args)

    def _run_callback(self, callback: Callable[[*Args], object], *args: *Args) -> None:
        try:
            callback(*args)
        except (SystemExit, KeyboardInterrupt) as error:
            # asyncio raises these two out of the loop, where `run_until_complete` meets this one again.
            self._end_asked_by_work = error
            logger.exception("background work called for the end of the program")
            raise
        except BaseException as error:  # noqa: BLE001 - of any kind: the loop goes on
            _log_background_failure("a callback raised", error)

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """Look up an address, in threads that no tool can fill."""
        hints = (options.get(name, 0) for name in ("family", "type", "proto", "flags"))
        return await self._look_up(socket.getaddrinfo, host, port, *hints)

    async def getnameinfo(self, sockaddr: Any, flags: int = 0) -> Any:
        """Look up a name, in threads that no tool can fill."""
        return await self._look_up(socket.getnameinfo, sockaddr, flags)

    async def _look_up(self, function: Any, *args: Any) -> Any:
        try:
            return await self.run_in_executor(NAMES, function, *args)
        except NoThreadLeft:
            raise socket.gaierror(socket.EAI_AGAIN, "no thread left to look up names") from None

    def close(self) -> NoReturn:
        """Raises: RuntimeError, because later calls need the loop."""
        raise RuntimeError("this event loop is the server's, which ends with the process; do not close it")

    def set_default_executor(self, executor: Any) -> NoReturn:
        """Raises: RuntimeError, because later calls would use the executor."""
        raise RuntimeError("this event loop is the server's; pass your executor to loop.run_in_executor")

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncio's
        """Do nothing: later calls need it."""

    async def shutdown_asyncgens(self) -> None:
        """Do nothing: the generators of other calls are among them."""


def log_failure(loop: asyncio.AbstractEventLoop, about: dict[str, Any]) -> None:
    """Log what failed where nobody waits for it, with the ids of the call that began it.

    By then the loop may be serving another call. asyncio calls this for tasks and futures.
    """
    error, task = about.get("exception"), about.get("task") or about.get("future")
    if isinstance(error, Interruption):
        return
    context = getattr(task, "call_context", None)
    # A copy, because asyncio may have entered the context itself already.
    context = Context() if context is None else context.copy()
    context.run(_log_background_failure, about.get("message"), error)


def _log_background_failure(detail: str | None, error: BaseException | None) -> None:
    work = find_work()
    extra = {"detail": detail, **({work.kind: work.name} if work else {})}
    logger.error("background work failed", extra=extra, exc_info=error or None)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread now."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


_SIGNALS = (
    *(signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGINT, signal.SIGTERM),
    *(signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR1, signal.SIGUSR2),
)
_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
_TIMER_TOLERANCE_SECONDS = 0.01
"""How far a timer of the host may differ from what we count that is left of it."""


class ProcessState:
    """Signal handlers, timers and the recursion limit.

    The signal handlers to put back are those of the moment when this object is made. Reading them before every
    call as well would take some microseconds of each.
    """

    def __init__(self) -> None:
        self._handlers = _read_handlers()

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Undo what the code inside changed. An alarm that a call set would go off in the middle of another."""
        began, timers = time.monotonic(), _read_timers()
        depth = sys.getrecursionlimit()
        try:
            yield
        finally:
            passed = time.monotonic() - began
            for timer, before, (now, _) in zip(_TIMERS, timers, _read_timers(), strict=True):
                _put_back_timer(timer, before, now, passed)
            if threading.current_thread() is threading.main_thread():  # no other thread can set a handler
                self._put_back_handlers()
            sys.setrecursionlimit(depth)

    def _put_back_handlers(self) -> None:
        if all(map(is_, _read_handlers(), self._handlers)):
            return
        for number, handler in zip(_SIGNALS, self._handlers, strict=True):
            # None is a handler that was not set from Python, and cannot be.
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)


def _read_handlers() -> list[Any]:
    return list(map(signal.getsignal, _SIGNALS))


def _read_timers() -> list[tuple[float, float]]:
    return list(map(signal.getitimer, _TIMERS))


def _put_back_timer(timer: int, before: tuple[float, float], now: float, passed: float) -> None:
    """`before` is what was left of it and its interval, `passed` seconds ago; `now` is what is left now."""
    left, interval = before
    if not left:
        if now:  # the call set it
            signal.setitimer(timer, 0.0)
    elif timer == signal.ITIMER_REAL:
        # The other two count the CPU time of this process, which is not measured here: the host's are left alone.
        expected = max(left - passed, 0.001)
        if abs(now - expected) > _TIMER_TOLERANCE_SECONDS:
            signal.setitimer(timer, expected, interval)
