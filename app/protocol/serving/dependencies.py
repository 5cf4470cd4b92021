"""Runs one dependency of a call, and what those that yield have left to do once the result is there."""

import asyncio
import functools
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from contextvars import copy_context
from types import TracebackType
from typing import Any, TypeVar

from mcp.server.mcpserver.exceptions import ToolError as SdkToolError
from mcp_types import CallToolResult

from app.authoring.errors import ToolError
from app.current import Slot
from app.protocol.catalogue.injection import InjectionPlan
from app.runtime.loop import Interruption
from app.runtime.threads import in_authors_thread

logger = logging.getLogger(__name__)

T = TypeVar("T")
FAILED = "clean-up of a dependency failed"
"""The log's message where the call does not end with that failure."""


async def run_dependency(plan: InjectionPlan, arguments: dict[str, Any]) -> Any:
    """The value of a dependency; `arguments` are those that it gets itself."""
    run = functools.partial(plan.function, **arguments)
    if plan.kind == "generator":
        return await _clean_ups.get().enter(_GeneratorInThread(run))
    result = await in_authors_thread(run) if plan.may_block() else run()
    if inspect.isasyncgen(result) and plan.kind == "async generator":
        return await _clean_ups.get().enter(asynccontextmanager(lambda: result)())
    return await result if inspect.isawaitable(result) else result


async def run_with_clean_up(run: Callable[[], Awaitable[T]]) -> T:
    """The result of `run`, whose dependencies may yield. It returns when they have done the rest, last first.

    What `run` raised is raised in each of them at its yield. One that catches it and returns does not undo it,
    because then the answer would lack a result. An error of a clean-up takes its place, also that of a
    result: a caller must not read of a success if the commit failed.
    """
    clean_ups, raised = CleanUps(), None
    with _clean_ups.bound(clean_ups):
        try:
            result = await run()
        except BaseException as error:  # noqa: BLE001 - of any kind: it is raised again below
            raised = error
        thrown = _find_failure(result) if raised is None else _unwrap(raised)
        ended = await clean_ups.run(thrown)
    if ended is not None and ended is not thrown:
        raise ended
    if raised is not None:
        raise raised
    return result


def _find_failure(result: Any) -> BaseException | None:
    """What to raise at each yield for a result that is an error: nothing should be committed for it."""
    is_error = isinstance(result, CallToolResult) and result.is_error
    return ToolError("the result is an error") if is_error else None


def _unwrap(error: BaseException) -> BaseException:
    """What the author's function raised, which the SDK wraps."""
    cause = error.__cause__ if isinstance(error, SdkToolError) else None
    return cause or error


class CleanUps:
    """The dependencies of one call that have yielded."""

    def __init__(self) -> None:
        self._open: list[AbstractAsyncContextManager[Any]] = []

    async def enter(self, manager: AbstractAsyncContextManager[T]) -> T:
        """The value that it yields."""
        value = await manager.__aenter__()
        self._open.append(manager)
        return value

    async def run(self, raised: BaseException | None) -> BaseException | None:
        """Let each do the rest, also if another one fails; with what the call ends afterwards."""
        while self._open:
            manager = self._open.pop()
            try:
                await manager.__aexit__(type(raised) if raised else None, raised, _traceback(raised))
            except BaseException as error:  # noqa: BLE001 - of any kind: the others run nevertheless
                raised = _choose(raised, error)
        return raised


_clean_ups: Slot[CleanUps] = Slot("clean-ups")


def _traceback(error: BaseException | None) -> TracebackType | None:
    return error.__traceback__ if error else None


def _choose(raised: BaseException | None, error: BaseException) -> BaseException:
    """Choose how the call ends: a question to the user and the deadline stay, another error is replaced."""
    if not isinstance(raised, Interruption | asyncio.CancelledError):
        return error
    logger.error(FAILED, exc_info=error)
    return raised


class _GeneratorInThread:
    """A sync generator as a context manager, whose two parts run in worker threads, in one context."""

    def __init__(self, start: Callable[[], Any]) -> None:
        self._start = start
        self._context = copy_context()
        self._lock = threading.Lock()
        self._manager: Any = None
        self._is_abandoned = False

    async def __aenter__(self) -> Any:
        try:
            return await self._in_thread(self._enter)
        except asyncio.CancelledError:
            # A thread cannot be stopped: one that has not come to the yield yet closes what it opens itself.
            with self._lock:
                self._is_abandoned, is_open = True, self._manager is not None
            if is_open:
                await self._in_thread(self._give_up)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._manager is not None:
            await self._in_thread(lambda: self._manager.__exit__(kind, error, traceback))

    async def _in_thread(self, step: Callable[[], T]) -> T:
        return await in_authors_thread(functools.partial(self._context.run, step))

    def _enter(self) -> Any:
        generator = self._start()
        if not isinstance(generator, Generator):  # a decorator made something else of the function
            return generator
        manager = contextmanager(lambda: generator)()
        value = manager.__enter__()
        with self._lock:
            self._manager, is_abandoned = manager, self._is_abandoned
        if is_abandoned:
            self._give_up()
        return value

    def _give_up(self) -> None:
        try:
            self._manager.__exit__(asyncio.CancelledError, asyncio.CancelledError(), None)
        except BaseException:  # of any kind: nobody waits for it
            logger.exception(FAILED)
