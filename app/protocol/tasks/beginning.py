"""Begins background work, waits a while for it, and finds it again by its handle."""

import asyncio
import hashlib
import math
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from mcp.server.context import ServerRequestContext
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from app.audit.record import get_record
from app.auth.handed_session import write_session
from app.auth.session import get_session
from app.authoring.request import get_request
from app.authoring.work import Background
from app.current import Slot
from app.protocol.asking.answers import find_modes
from app.protocol.catalogue.definition import ToolDefinition
from app.protocol.serving.function import ServedFunction
from app.protocol.tasks.handles import Handle, Handles, refuse
from app.protocol.tasks.history import Memory
from app.protocol.tasks.names import EXTENSION
from app.protocol.tasks.state import WorkState, read_state
from app.protocol.tasks.texts import explain_engine
from app.protocol.wire.deadline import current_deadline
from app.protocol.wire.errors import CallFailed, NotOffered
from app.runtime.durable import DurableEngine, EngineUnavailable, ExecutionUnknown

Sleep = Callable[[float], Awaitable[None]]

MAX_WAIT_SECONDS = 20.0
"""How long a call waits for its work, if its client does not know tasks."""
ANSWER_SECONDS = 3.0
"""What a call keeps of its time to answer, after the last look."""
LAST_SECONDS = 1.0
"""What a call that has begun work keeps to give its handle, if the engine does not answer a look."""
FIRST_PAUSE_SECONDS = 0.3
MAX_PAUSE_SECONDS = 5.0
"""Each look asks for the history of the work, of which AWS answers 15 questions a second and Region."""

current_context: Slot[ServerRequestContext[Any, Any]] = Slot("request context")


@dataclass(frozen=True, slots=True)
class FoundWork:
    """Background work that the caller may see."""

    handle: Handle
    state: WorkState
    seconds: float
    """How long the look at it took."""


class Beginnings:
    """Knows the engine and the handles, and the tools whose work it begins."""

    def __init__(
        self, engine: DurableEngine, handles: Handles, clock: Callable[[], float], sleep: Sleep = asyncio.sleep
    ) -> None:
        self.engine = engine
        self.handles = handles
        self.clock = clock
        self.functions: dict[str, ServedFunction] = {}
        """The background tools, by name."""
        self.sleep = sleep
        self._memory = Memory()

    async def begin(self, definition: ToolDefinition, background: Background, before: Any) -> Handle:
        """Begin the work of the current call. `before` is what it has found out already.

        Raises:
            CallFailed: the engine did not begin it.
        """
        name = self._choose_name()
        payload = _build_payload(name, definition, background, before)
        try:
            arn = await self.engine.begin(name, payload)
        except EngineUnavailable as failure:
            raise explain_engine(failure, began=False) from None
        get_record().set_work(name)
        seconds = background.minutes * 60 + background.keep_hours * 3600
        return Handle(arn, math.ceil(self.clock() + seconds))

    async def find(self, sealed: str, *, is_seen: bool = True, with_message: bool = False) -> FoundWork:
        """The work of a handle, if it is this caller's and, for `is_seen`, they may still use its tool.

        Without `with_message`, work that is over has no message.

        Raises:
            UnknownWork: the caller has no such work.
            CallFailed, ScopeMissing: the caller may not use the tool any more; or the engine gave no answer.
        """
        handle = await self.handles.open(sealed)
        get_record().set_work(handle.arn.rsplit("/", 2)[-2])
        found = await self._look(handle, with_message=with_message)
        if is_seen:
            await self._decide_again(found.state)
        return found

    async def _look(self, handle: Handle, *, with_message: bool) -> FoundWork:
        """The work as it is now.

        Raises:
            UnknownWork: the engine has deleted it.
            CallFailed: the engine gave no answer.
        """
        try:
            return await self._read(handle, with_message=with_message)
        except ExecutionUnknown:
            raise refuse("work_gone") from None

    async def _look_at_new(self, handle: Handle, tool: str, *, with_message: bool) -> FoundWork:
        """The same of work that has just begun. Lambda puts it into a queue, so it may not know it yet."""
        began = self.clock()
        try:
            return await self._read(handle, with_message=with_message)
        except ExecutionUnknown:
            return FoundWork(handle, self._assume_working(tool), self.clock() - began)

    async def _read(self, handle: Handle, *, with_message: bool) -> FoundWork:
        began = self.clock()
        try:
            state = await read_state(self.engine, handle.arn, self._memory, with_message=with_message)
        except EngineUnavailable as failure:
            raise explain_engine(failure, began=True) from None
        return FoundWork(handle, state, self.clock() - began)

    async def wait(
        self, handle: Handle, seconds: float, answered: Collection[str] = (), found: FoundWork | None = None
    ) -> WorkState:
        """Its state once it is over or asks something, or at the latest after so many seconds.

        The looks count too, so a slow engine has fewer of them. It never waits so long that the call could not
        answer any more. `answered` are the keys of questions that this call has answered, and `found` is the work
        if this call has seen it already.

        Raises:
            UnknownWork: the engine has deleted it meanwhile.
            CallFailed: the engine gave no answer.
        """
        return await self._wait(partial(self._look, handle, with_message=False), seconds, answered, found)

    async def _wait(
        self,
        look: Callable[[], Awaitable[FoundWork]],
        seconds: float,
        answered: Collection[str] = (),
        found: FoundWork | None = None,
    ) -> WorkState:
        until, pause = self.clock() + min(seconds, MAX_WAIT_SECONDS), FIRST_PAUSE_SECONDS
        while True:
            found = found or await look()
            state = found.state.leave_out(answered)
            left = min(until - self.clock(), current_deadline.get().seconds_left() - ANSWER_SECONDS)
            left -= found.seconds  # the next look takes about as long as this one
            if state.is_over or state.questions or left <= 0:
                return state
            pause = min(pause, left)
            await self.sleep(pause)
            found = None
            pause = min(pause * 2, MAX_PAUSE_SECONDS)

    async def look_after_begin(self, handle: Handle, tool: str) -> WorkState:
        """The state of work that has just begun. Its handle must reach the caller, so a failure does not count."""

        async def look() -> WorkState:
            return (await self._look_at_new(handle, tool, with_message=True)).state

        return await self._bound(look(), tool)

    async def wait_after_begin(self, handle: Handle, tool: str) -> WorkState:
        """The same after a wait for its end."""
        look = partial(self._look_at_new, handle, tool, with_message=False)
        return await self._bound(self._wait(look, MAX_WAIT_SECONDS), tool)

    async def _bound(self, looking: Awaitable[WorkState], tool: str) -> WorkState:
        """The state, or that the work goes on, if the engine says nothing while the call can still answer."""
        try:
            async with asyncio.timeout(current_deadline.get().seconds_left() - LAST_SECONDS):
                return await looking
        except (CallFailed, TimeoutError):
            return self._assume_working(tool)

    def _assume_working(self, tool: str) -> WorkState:
        now = self.clock()
        return WorkState("working", tool, {}, began=now, updated=now)

    def _choose_name(self) -> str:
        """The name of the execution: the same for a call that is repeated with the same Idempotency-Key."""
        if not (key := get_request().header("idempotency-key")):
            return uuid4().hex
        digest = hashlib.sha256(self.handles.describe_caller() + key.encode()).digest()
        return digest[:16].hex()

    async def _decide_again(self, state: WorkState) -> None:
        if (function := self.functions.get(state.tool)) is None:
            raise refuse("work_gone")  # a later release has no such tool
        try:
            with _deciding.bound(True):
                await function.decide_again(state.arguments)
        except NotOffered:
            raise refuse("work_gone") from None


_deciding: Slot[bool] = Slot("decision")


def is_deciding() -> bool:
    """Whether a tool is only asked whether its caller may use it."""
    return bool(_deciding.find())


def declares_tasks(context: ServerRequestContext[Any, Any]) -> bool:
    """Whether the client of this very request knows the extension (SEP-2663, Capability Negotiation)."""
    if context.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS:
        return False
    declared = context.session.client_capabilities
    return declared is not None and EXTENSION in (declared.extensions or {})


def _build_payload(
    name: str, definition: ToolDefinition, background: Background, before: Any
) -> Mapping[str, Any]:
    """What the worker needs to know. The token, or the API key, stays here."""
    context = current_context.get()
    return {
        "tool": definition.name,
        "arguments": (context.params or {}).get("arguments") or {},
        "session": write_session(get_session()),
        "record": {"work": name},
        "minutes": background.minutes,
        "keep_hours": background.keep_hours,
        "retries": background.count_retries(idempotent=bool(definition.metadata.idempotent)),
        "can_ask": find_modes(context),
        "before": before,
    }
