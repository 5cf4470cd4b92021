"""Run durable executions: begin each name once, invoke the handler whenever there is news, and forget old ones."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

from infra.local.durable.clock import Clock
from infra.local.durable.errors import (
    AlreadyStarted,
    CallbackOver,
    ErrorObject,
    InvalidParameter,
    NotFound,
    make_error,
)
from infra.local.durable.execution import Execution, Operation
from infra.local.durable.invocation import Handler, invoke
from infra.local.durable.limits import EngineLimits
from infra.local.durable.operations import Update, apply_update
from infra.local.durable.store import ExecutionStore
from infra.local.durable.timers import find_next_moment, settle
from infra.local.gateway.log_lines import shorten_name

__all__ = ["Engine", "Handler"]


class Engine:
    """All executions of one worker. Its methods run in one event loop; `say` gets lines for the developer."""

    def __init__(
        self,
        store: ExecutionStore,
        handler: Handler,
        function_arn: str,
        *,
        limits: EngineLimits,
        clock: Clock,
        say: Callable[[str], None],
    ) -> None:
        self._store = store
        self._handler = handler
        self._function_arn = function_arn
        self._limits = limits
        self._clock = clock
        self._say = say
        self._executions: dict[str, Execution] = {}
        self._news: dict[str, asyncio.Event] = {}
        self._driving: set[asyncio.Task[None]] = set()

    def resume(self) -> None:
        """Read what an earlier run left, and continue what had not ended."""
        now = self._clock.now()
        for execution in self._store.load(self._say):
            if execution.ended is not None and execution.ended + execution.retention < now:
                self._store.delete(execution)
                continue
            self._executions[execution.arn] = execution
            if execution.is_running:
                self._continue(execution)

    def start(self, name: str | None, text: str, version: str, limits: EngineLimits | None = None) -> Execution:
        """Begin an execution of this version, or find the one that has this name and this input already.

        Raises:
            AlreadyStarted: if the name is taken by an execution with another input.
        """
        name = name or str(uuid4())
        if found := next((each for each in self._executions.values() if each.name == name), None):
            if found.input != text:
                raise AlreadyStarted(f"the durable execution {name} has been started with another payload")
            return found
        now, limits = self._clock.now(), limits or self._limits
        arn = f"{self._function_arn}:{version}/durable-execution/{name}/{uuid4()}"
        deadline = now + limits.execution
        execution = Execution(arn, name, self._function_arn, text, now, deadline, limits.retention)
        execution.begin()
        self._executions[arn] = execution
        self._store.save(execution)
        self._drive(execution)
        return execution

    def find(self, arn: str) -> Execution:
        """The execution of this ARN.

        Raises:
            NotFound: if there is none, or it ended longer ago than it is kept.
        """
        found = self._executions.get(arn)
        if found is None or (found.ended is not None and found.ended + found.retention < self._clock.now()):
            raise NotFound(f"Durable execution {arn} does not exist")
        return found

    @property
    def executions(self) -> list[Execution]:
        """All that are kept, the oldest first."""
        return sorted(self._executions.values(), key=lambda each: each.started)

    def checkpoint(self, arn: str, token: str, updates: list[Update]) -> tuple[str, list[Operation]]:
        """Apply the updates; return the next token, empty at the end, and the operations that changed.

        Raises:
            InvalidParameter: if the token is not the newest of a running execution, or an update is refused.
        """
        execution = self.check_token(arn, token)
        now = self._clock.now()
        for update in updates:
            apply_update(execution, update, now)
        settle(execution, now)
        following = execution.renew_token() if execution.is_running else ""
        changed = execution.take_unseen()
        self._store.save(execution)
        return following, changed

    def check_token(self, arn: str, token: str) -> Execution:
        execution = self.find(arn)
        if not execution.is_running or not execution.token or token != execution.token:
            # The SDK knows this message: it lets Lambda invoke the handler again, with the newest state.
            raise InvalidParameter("Invalid checkpoint token")
        return execution

    def stop(self, arn: str, error: ErrorObject | None) -> float:
        """End an execution, and return when it ended. A running invocation hears of it at its next checkpoint."""
        execution = self.find(arn)
        now = self._clock.now()
        execution.end("STOPPED", now, error=error or make_error("Stopped", "stopped by a caller"))
        self._save_and_wake(execution)
        return execution.ended or now

    def answer(self, callback_id: str, *, result: str | None = None, error: ErrorObject | None = None) -> None:
        """End a callback with a result or an error, and let the execution go on.

        Raises:
            NotFound: if there is no such callback.
            CallbackOver: if it has been answered, has expired, or its execution has ended.
        """
        execution, operation = self._find_callback(callback_id)
        now, details = self._clock.now(), operation["CallbackDetails"]
        operation["Status"], operation["EndTimestamp"] = "SUCCEEDED" if error is None else "FAILED", now
        details.update({"Result": result} if error is None else {"Error": dict(error)})
        name = "Result" if error is None else "Error"
        payload = result if error is None else dict(error)
        kind = "CallbackSucceeded" if error is None else "CallbackFailed"
        execution.record(kind, {name: {"Payload": payload, "Truncated": False}}, now, operation)
        execution.tell(operation)
        self._save_and_wake(execution)

    def heartbeat(self, callback_id: str) -> None:
        """Begin the callback's heartbeat timeout again.

        Raises:
            NotFound, CallbackOver: as `answer`.
        """
        execution, operation = self._find_callback(callback_id)
        details = operation["CallbackDetails"]
        if "Heartbeat" in details:
            details["HeartbeatExpires"] = self._clock.now() + details["Heartbeat"]
        self._save_and_wake(execution)

    async def close(self) -> None:
        """Stop driving. What runs is kept as it is, and the next `resume` continues it."""
        for task in self._driving:
            task.cancel()
        await asyncio.gather(*self._driving, return_exceptions=True)

    def _find_callback(self, callback_id: str) -> tuple[Execution, Operation]:
        for execution in self._executions.values():
            if (operation := execution.find_callback(callback_id)) is not None:
                settle(execution, self._clock.now())
                if not execution.is_running or operation["Status"] != "STARTED":
                    raise CallbackOver("the callback has expired or has been answered already")
                return execution, operation
        raise NotFound("the callback does not exist")

    def _save_and_wake(self, execution: Execution) -> None:
        self._store.save(execution)
        if (news := self._news.get(execution.arn)) is not None:
            news.set()

    def _continue(self, execution: Execution) -> None:
        if execution.is_invoked:
            # Lambda counts an invocation that gave no answer as failed, and so does this.
            execution.is_invoked, execution.token = False, ""
            execution.failures += 1
        execution.not_before = 0.0
        # The handler begins again from its checkpoints.
        execution.tell(execution.operations[0])
        self._say(f"work {shorten_name(execution.name)} goes on from its last checkpoint")
        self._drive(execution)

    def _drive(self, execution: Execution) -> None:
        self._news[execution.arn] = asyncio.Event()
        task = asyncio.create_task(self._run(execution))
        self._driving.add(task)
        task.add_done_callback(self._driving.discard)

    async def _run(self, execution: Execution) -> None:
        """Invoke the handler until the execution ends, and wait in between."""
        deadline = asyncio.create_task(self._end_at_deadline(execution))
        pause = ""
        try:
            # One that is over already ends before the handler is invoked again.
            await asyncio.sleep(0)
            while execution.is_running:
                self._news[execution.arn].clear()
                settle(execution, self._clock.now())
                if execution.unseen and execution.not_before <= self._clock.now():
                    pause = ""
                    await invoke(execution, self._handler, self._store, self._clock, self._limits)
                    continue
                # It may look several times before the moment has come.
                if (reason := _describe_pause(execution)) != pause:
                    pause = reason
                    self._say(reason)
                await self._wait(execution)
        finally:
            deadline.cancel()
            del self._news[execution.arn]
        self._say(_describe_end(execution))

    async def _wait(self, execution: Execution) -> None:
        moment = execution.not_before if execution.unseen else find_next_moment(execution)
        waits: list[asyncio.Task[Any]] = [asyncio.create_task(self._news[execution.arn].wait())]
        if moment is not None:
            waits.append(asyncio.create_task(self._clock.sleep_until(moment)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def _end_at_deadline(self, execution: Execution) -> None:
        with suppress(asyncio.CancelledError):
            await self._clock.sleep_until(execution.deadline)
            error = make_error("Timeout", "the execution took longer than its ExecutionTimeout")
            execution.end("TIMED_OUT", self._clock.now(), error=error)
            self._save_and_wake(execution)


ENDS = {"SUCCEEDED": "ended", "FAILED": "failed", "TIMED_OUT": "was over its time", "STOPPED": "was stopped"}
"""How the terminal says that an execution is over. The worker's line `work` says how the tool's work ended."""


def _describe_end(execution: Execution) -> str:
    seconds = (execution.ended or execution.started) - execution.started
    why = "" if execution.error is None else f": {execution.error.get('ErrorMessage', '')}"
    return f"work {shorten_name(execution.name)} {ENDS[execution.status]} after {seconds:.1f} s{why}"


def _describe_pause(execution: Execution) -> str:
    name = shorten_name(execution.name)
    return f"work {name} was interrupted and begins again soon" if execution.unseen else f"work {name} is asleep"
