"""Threads: each call has its own, and the server's own waits have theirs.

asyncio's own pool has six threads on two processors. A tool that leaves six of them waiting for ever would take
them from every later call, and from the server's own use of SSM, DynamoDB and name lookups.
"""

import asyncio
import logging
import os
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from app.current import Slot

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_THREADS_PER_CALL = 32
"""Threads of one pool that work for one call at the same time; further jobs wait, as in asyncio's own pool."""
MAX_THREADS = 256
"""Threads of one pool in all. When they are all taken, calls that are over hold nearly all of them."""


class NoThreadLeft(RuntimeError):
    """All threads of this environment are taken."""


@dataclass(eq=False, slots=True)
class Work:
    """One call of an author's function. It owns the tasks and threads that it starts."""

    kind: str
    """What the caller knows it as, such as "tool"."""
    name: str | None = None
    """The name of the tool, prompt or resource, once it is known to exist."""


_current: Slot[Work] = Slot("work")


def find_work() -> Work | None:
    """The call whose code runs here; None for the server's own code."""
    return _current.find()


def bind_work(work: Work) -> None:
    """Make it the owner of all that is started in the rest of this context."""
    _current.bind(work)


def name_work(name: str) -> None:
    """Say which tool, prompt or resource the work in this context is.

    Raises:
        LookupError: outside of a call.
    """
    _current.get().name = name


@dataclass(slots=True)
class _Job:
    future: "Future[Any]"
    run: Callable[[], Any]
    owner: Work | None


@dataclass(slots=True)
class _Crew:
    """The threads that work for one owner, and the jobs that wait for them."""

    running: int = 0
    waiting: "deque[_Job]" = field(default_factory=deque)


class CallThreads(ThreadPoolExecutor):
    """An executor that gives each call threads of its own.

    A thread ends when its call has no more jobs for it. All are daemons, so one that hangs does not keep the
    interpreter from ending.
    """

    def __init__(self, name: str) -> None:
        super().__init__()  # asyncio accepts no other kind of executor; it starts no thread by itself
        self._name = name
        self._guard = threading.Lock()
        self._crews: dict[Work | None, _Crew] = {}
        os.register_at_fork(after_in_child=self._forget_threads)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Run it in a thread of the call whose code runs here.

        Raises:
            NoThreadLeft: at once, because nobody should wait for a thread that may never come back.
        """
        job = _Job(Future(), partial(fn, *args, **kwargs), find_work())
        with self._guard:
            crew = self._crews.get(job.owner) or _Crew()
            if crew.running >= MAX_THREADS_PER_CALL:
                crew.waiting.append(job)
                return job.future
            self._require_thread()
            crew.running += 1
            self._crews[job.owner] = crew
        try:
            threading.Thread(target=self._work, args=(job,), name=f"{self._name} thread", daemon=True).start()
        except RuntimeError:  # of the operating system, which has no more
            self._take_next(job.owner)
            raise NoThreadLeft("the system gives this process no more threads") from None
        return job.future

    def running(self, owner: Work | None) -> int:
        """How many threads work for this call now."""
        with self._guard:
            return self._crews[owner].running if owner in self._crews else 0

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Do nothing: a call must not end the threads of the others."""

    def _require_thread(self) -> None:
        if sum(crew.running for crew in self._crews.values()) < MAX_THREADS:
            return
        held = Counter[str]()
        for owner, crew in self._crews.items():
            held[owner.name or owner.kind if owner else "server"] += crew.running
        logger.error("no thread left", extra={"threads": self._name, "held_by": dict(held.most_common(10))})
        raise NoThreadLeft("calls that are over hold all threads; the log names them")

    def _work(self, job: _Job | None) -> None:
        while job is not None:
            resolve = _run(job)
            job = self._take_next(job.owner)
            resolve()  # last: who waits for the result must find this thread no longer counted for the call

    def _take_next(self, owner: Work | None) -> _Job | None:
        """The owner's next job; None if there is none, and then this thread counts no longer."""
        with self._guard:
            crew = self._crews[owner]
            if crew.waiting:
                return crew.waiting.popleft()
            crew.running -= 1
            if not crew.running:
                del self._crews[owner]
            return None

    def _forget_threads(self) -> None:
        """In a forked process, which has none of the threads of its parent."""
        self._guard = threading.Lock()
        self._crews.clear()


def _run(job: _Job) -> Callable[[], None]:
    """Run the job. The returned function hands its result to whoever waits."""
    process = os.getpid()
    if not job.future.set_running_or_notify_cancel():
        return lambda: None
    try:
        result = job.run()
    except StopIteration as error:  # asyncio cannot raise one out of a future: its caller would wait for ever
        outcome = RuntimeError("a function that ran in a thread raised StopIteration")
        outcome.__cause__ = error
        return partial(job.future.set_exception, outcome)
    except BaseException as error:  # noqa: BLE001 - of any kind: it belongs to whoever waits
        return partial(job.future.set_exception, error)
    finally:
        end_fork_of(process)
    return partial(job.future.set_result, result)


def end_fork_of(process: int) -> None:
    """End this process if it is a fork that came out of an author's function: its parent answers the call."""
    if os.getpid() != process:
        os._exit(0)


AUTHORS = CallThreads("call")
"""For sync functions of authors, and for what they give to asyncio.to_thread."""
SERVER = CallThreads("server")
"""For the server's own waits: SSM, DynamoDB, imports."""
NAMES = CallThreads("names")
"""For name lookups, of which a tool may start any number."""


async def in_authors_thread(function: Callable[[], T]) -> T:
    """Run an author's function, with the context of its call."""
    return await _in_thread_of(AUTHORS, function)


async def in_server_thread(function: Callable[..., T], *args: Any) -> T:
    """Run something of the server that blocks."""
    return await _in_thread_of(SERVER, partial(function, *args))


async def _in_thread_of(threads: CallThreads, function: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, copy_context().run, function)
