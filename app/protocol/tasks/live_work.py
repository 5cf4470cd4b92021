"""The `work` that a background tool gets from the worker: what it does is kept by the engine."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from inspect import CORO_CREATED, getcoroutinestate, isawaitable, iscoroutinefunction
from typing import Any, TypeVar

from mcp_types import ElicitRequest, ElicitRequestFormParams, ElicitRequestURLParams

from app.authoring.ask import Answer, Ask, Model, check_page_url
from app.authoring.errors import ContentError
from app.authoring.form import build_form
from app.authoring.step import (
    MAX_KEPT_BYTES,
    build_failure,
    copy_step_result,
    read_failure,
    require_step_function,
)
from app.authoring.work import Work, add_up_seconds
from app.protocol.asking.answers import Mode, read_consent, read_form
from app.protocol.tasks.names import QUESTION, SAY, write_name
from app.protocol.tasks.operations import Operations
from app.runtime.threads import in_authors_thread

logger = logging.getLogger(__name__)

T = TypeVar("T")


class ForgottenAwait(RuntimeError):
    """The tool returned and did not wait for something that it began with its work."""


class LiveWork(Work):
    """Work in a durable execution."""

    def __init__(self, tool: str, operations: Operations, modes: Sequence[Mode], before: Any) -> None:
        """`modes` are the ways in which the client that began the work can ask its user."""
        super().__init__(before=before)
        self._tool = tool
        self._operations = operations
        self._modes = modes
        self._repeats: dict[str, int] = {}
        self._waiting: list[_Waiting[Any]] = []
        """Questions that were not put to the user yet."""
        self._asking = asyncio.Lock()
        self._begun: list[tuple[str, Coroutine[Any, Any, Any]]] = []
        """What say, step and sleep have begun, by the name of the method."""

    def say(self, text: str) -> Coroutine[Any, Any, None]:
        return self._note("say", self._operations.step(write_name(text), _do_nothing, sub_type=SAY))

    def step(self, name: str, function: Callable[..., Any], *arguments: Any) -> Coroutine[Any, Any, Any]:
        require_step_function(name, function)
        return self._note("step", self._run_step(name, function, arguments))

    async def _run_step(self, name: str, function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        raised: list[Exception] = []

        async def run() -> Mapping[str, Any]:
            try:
                return {"value": copy_step_result(name, await _call(function, arguments))}
            except Exception as error:  # noqa: BLE001 - of any kind: it is the step's result
                raised.append(error)
                return {"failure": read_failure(error)}
            except asyncio.CancelledError:
                return {"cancelled": True}

        outcome = await self._operations.step(write_name(name), run)
        if "value" in outcome:
            return outcome["value"]
        if "cancelled" in outcome:
            # What `asyncio.timeout` around the step raised in the run that it cancelled.
            raise TimeoutError(f"step {name} was cancelled")
        raise build_failure(name, outcome["failure"]) from (raised[0] if raised else None)

    def sleep(
        self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0
    ) -> Coroutine[Any, Any, None]:
        return self._note("sleep", self._sleep(round(add_up_seconds(seconds, minutes, hours, days))))

    async def _sleep(self, seconds: int) -> None:
        if seconds:
            await self._operations.sleep(seconds)

    def ask(
        self, question: str, answer: type[Model], *, otherwise: Model | Exception | None = None
    ) -> Answer[Model]:
        params = ElicitRequestFormParams(message=question, requested_schema=build_form(answer))
        return self._ask_user("form", ElicitRequest(params=params), partial(read_form, answer), otherwise)

    def visit(self, url: str, why: str, *, otherwise: Exception | None = None) -> Answer[None]:
        params = ElicitRequestURLParams(message=why, url=check_page_url(url))
        return self._ask_user("url", ElicitRequest(params=params), read_consent, otherwise)

    def _ask_user(
        self,
        mode: Mode,
        request: ElicitRequest,
        read: Callable[[Mapping[str, Any]], T],
        otherwise: T | Exception | None,
    ) -> Answer[T]:
        if otherwise is not None and mode not in self._modes:
            return Answer(partial(_give, otherwise))
        rendered = request.model_dump(by_alias=True, mode="json", exclude_none=True)
        if (size := len(json.dumps(rendered))) > MAX_KEPT_BYTES:
            raise ContentError(
                f"a question is {size:,} bytes of JSON, and at most {MAX_KEPT_BYTES:,} can be asked"
            )
        waiting = _Waiting(self._ask_all, self._make_key(rendered), rendered, read)
        self._waiting.append(waiting)
        return waiting

    def require_awaits(self) -> None:
        """Check that the tool has waited for all that it began, once it has returned.

        Raises:
            ForgottenAwait: it has not.
        """
        names = self.close()
        if self._waiting:
            names.append("ask" if "requestedSchema" in self._waiting[0].params else "visit")
        if names:
            raise ForgottenAwait(f"did not wait for work.{names[0]}: write `await work.{names[0]}(...)`")

    def close(self) -> list[str]:
        """Drop what nobody waits for, and name it: otherwise Python warns of it in the middle of other work."""
        forgotten = [(name, each) for name, each in self._begun if getcoroutinestate(each) == CORO_CREATED]
        for _, each in forgotten:
            each.close()
        self._begun.clear()
        return [name for name, _ in forgotten]

    def _note(self, name: str, begun: Coroutine[Any, Any, T]) -> Coroutine[Any, Any, T]:
        self._begun.append((name, begun))
        return begun

    def _make_key(self, rendered: Mapping[str, Any]) -> str:
        """A key is never used twice in one work (SEP-2663, Task Update Requests)."""
        digest = hashlib.sha256(json.dumps(rendered).encode()).hexdigest()[:16]
        self._repeats[digest] = self._repeats.get(digest, 0) + 1
        return f"{digest}.{self._repeats[digest]}"

    async def _ask_all(self, answer: "_Waiting[Any]") -> Any:
        """Put all questions that were asked before this `await` to the user, then wait for this one's answer."""
        # Two tasks of the tool may await their answers at the same time, and each question is put once.
        async with self._asking:
            for each in self._waiting:
                await self._operations.step(each.key, each.give_request, sub_type=QUESTION)
                each.callback = await self._operations.create_callback(each.key)
            self._waiting.clear()
        return await self._operations.read_callback(answer.callback)


class _Waiting(Answer[T]):
    """A question, and its answer once it is awaited."""

    def __init__(
        self,
        wait: "Callable[[_Waiting[T]], Awaitable[Any]]",
        key: str,
        request: Mapping[str, Any],
        read: Callable[[Mapping[str, Any]], T],
    ) -> None:
        self.is_awaited = False
        self.key = key
        self.callback: Any = None
        self._wait = wait
        self.params = request["params"]
        self._request = request
        self._read_answer = read

    async def give_request(self) -> Mapping[str, Any]:
        return self._request

    async def _read(self) -> T:
        answer: Mapping[str, Any] = json.loads(await self._wait(self))
        return self._read_answer(answer)


class WorkAsk(Ask):
    """`ask: CurrentAsk` in background work: the same questions, asked by the work."""

    def __init__(self, work: LiveWork) -> None:
        super().__init__()
        self._work = work

    def __call__(
        self, question: str, answer: type[Model], *, otherwise: Model | Exception | None = None
    ) -> Answer[Model]:
        return self._work.ask(question, answer, otherwise=otherwise)

    def visit(self, url: str, why: str, *, otherwise: Exception | None = None) -> Answer[None]:
        return self._work.visit(url, why, otherwise=otherwise)

    async def keep(self, name: str, make: Callable[[], Awaitable[T]]) -> T:
        value: T = await self._work.step(name, make)
        return value


async def _do_nothing() -> None:
    """A message is a step that does nothing."""


async def _call(function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    call = partial(function, *arguments)
    if iscoroutinefunction(function):
        return await call()
    result = await in_authors_thread(call)
    return await result if isawaitable(result) else result


def _give(otherwise: T | Exception) -> T:
    if isinstance(otherwise, Exception):
        raise otherwise
    return otherwise
