"""Threads: the server's own waits have theirs, and those that a tool leaves hanging are missed by nobody else.

asyncio's own pool has six threads on two processors. A tool that leaves six of them waiting for ever would take
them from every later call, and from SSM, DynamoDB and name lookups of the server too.
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

from anyio._core._eventloop import threadlocals
from anyio.lowlevel import current_token

from app.current import Slot

logger = logging.getLogger(__name__)

T = TypeVar("T")

MAX_THREADS_PER_CALL = 32
"""Of one pool that work at the same time for one call; what is more waits for them, as in asyncio's own pool."""
MAX_THREADS = 256
"""Of one pool in all: nearly all of them are then held by calls that are over."""


class NoThreadLeft(RuntimeError):
    """Calls that are over still hold all threads of this environment."""


@dataclass(eq=False, slots=True)
class Work:
    """One call of an author's function, which owns the tasks and threads that it starts."""

    word: str
    """What it is to its caller, such as "tool"."""
    name: str | None = None
    """Of the tool, prompt or resource, once it is known that there is one."""


_current: Slot[Work] = Slot("work")


def current_work() -> Work | None:
    """Whose code runs here; None: the server's own."""
    return _current.find()


def bind_work(work: Work) -> None:
    """Make it the owner of what is started in the rest of this context."""
    _current.bind(work)


def name_work(name: str) -> None:
    """Say which tool, prompt or resource the work in this context is, once it is known that there is one.

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
    """The threads that work for one owner."""

    running: int = 0
    waiting: "deque[_Job]" = field(default_factory=deque)


class CallThreads(ThreadPoolExecutor):
    """Gives each call threads of its own, and none that another one holds.

    A thread ends when its call has nothing more for it. All are daemons: one that hangs does not keep the
    interpreter from ending.
    """

    def __init__(self, name: str) -> None:
        super().__init__()  # asyncio takes no other kind of executor; it starts no thread by itself
        self._name = name
        self._guard = threading.Lock()
        self._crews: dict[Work | None, _Crew] = {}
        os.register_at_fork(after_in_child=self._forget_threads)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        """Raises: NoThreadLeft, at once: nobody waits for a thread that never comes back."""
        job = _Job(Future(), partial(fn, *args, **kwargs), current_work())
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
        except RuntimeError:  # the system gives no more
            self._next(job.owner)
            raise NoThreadLeft("the system gives this process no more threads") from None
        return job.future

    def running(self, owner: Work | None) -> int:
        """How many threads work for this call now."""
        with self._guard:
            return self._crews[owner].running if owner in self._crews else 0

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing: no call ends the threads of the others."""

    def _require_thread(self) -> None:
        if sum(crew.running for crew in self._crews.values()) < MAX_THREADS:
            return
        held = Counter[str]()
        for owner, crew in self._crews.items():
            held[owner.name or owner.word if owner else "server"] += crew.running
        logger.error("no thread left", extra={"threads": self._name, "held_by": dict(held.most_common(10))})
        raise NoThreadLeft("calls that are over hold all threads; the log names them")

    def _work(self, job: _Job | None) -> None:
        while job is not None:
            resolve = _run(job)
            job = self._next(job.owner)
            resolve()  # last: who waits for it must not find this thread working for the call still

    def _next(self, owner: Work | None) -> _Job | None:
        with self._guard:
            crew = self._crews[owner]
            if crew.waiting:
                return crew.waiting.popleft()
            crew.running -= 1
            if not crew.running:
                del self._crews[owner]
            return None

    def _forget_threads(self) -> None:
        """A forked process has none of them."""
        self._guard = threading.Lock()
        self._crews.clear()


def _run(job: _Job) -> Callable[[], None]:
    """Run it; the result tells whoever waits for it."""
    process = os.getpid()
    if not job.future.set_running_or_notify_cancel():
        return lambda: None
    try:
        result = job.run()
    except StopIteration as error:  # a future cannot hold one, and its caller would wait for ever
        outcome = RuntimeError("a function that ran in a thread raised StopIteration")
        outcome.__cause__ = error
        return partial(job.future.set_exception, outcome)
    except BaseException as error:  # noqa: BLE001 - of the function, and for who waits for it
        return partial(job.future.set_exception, error)
    finally:
        end_fork_of(process)
    return partial(job.future.set_result, result)


def end_fork_of(process: int) -> None:
    """End this process if it is a fork that came out of a function: the call is its parent's to answer."""
    if os.getpid() != process:
        os._exit(0)


AUTHORS = CallThreads("call")
"""For sync functions of authors, and for what they give to asyncio.to_thread."""
SERVER = CallThreads("server")
"""For the server's own waits: SSM, DynamoDB, imports."""
NAMES = CallThreads("names")
"""For looking up names, of which a tool may look up as many as it likes."""


async def in_authors_thread(function: Callable[[], T]) -> T:
    """Run an author's function with the context of its call; `anyio.from_thread.run` leads back to the loop."""
    token, context = current_token(), copy_context()

    def run() -> T:
        # As in anyio's own threads, which are no daemons. It has no public name for this.
        threadlocals.current_token = token
        return context.run(function)

    return await asyncio.get_running_loop().run_in_executor(AUTHORS, run)


async def in_server_thread(function: Callable[..., T], *args: Any) -> T:
    """Run what blocks, of the server's own."""
    return await asyncio.get_running_loop().run_in_executor(SERVER, partial(copy_context().run, function, *args))
