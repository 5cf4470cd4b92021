"""The methods of the extension: tasks/get, tasks/update and tasks/cancel (SEP-2663)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, METHOD_NOT_FOUND, RequestParams
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from app.protocol.asking.answers import CapabilityMissing
from app.protocol.tasks.beginning import Beginnings, FoundWork, declares_tasks
from app.protocol.tasks.handles import Handle, UnknownWork
from app.protocol.tasks.names import EXTENSION
from app.protocol.tasks.state import WorkState
from app.protocol.tasks.texts import UNKNOWN, explain_engine, suggest_wait
from app.protocol.tasks.tools import deliver_answers
from app.protocol.wire.post import require_name_header
from app.runtime.durable import EngineUnavailable

_COMPLETE: Mapping[str, Any] = {"resultType": "complete"}


class TaskParams(RequestParams):
    """The params of the three methods."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    task_id: str


class UpdateParams(TaskParams):
    """The params of tasks/update."""

    input_responses: dict[str, Any]


class TaskMethods:
    """Answers the methods of the extension."""

    def __init__(self, beginnings: Beginnings) -> None:
        self._beginnings = beginnings

    async def create(self, handle: Handle, tool: str) -> dict[str, Any]:
        """The CreateTaskResult. The execution exists, so a tasks/get would find it (SEP-2663, Task Creation)."""
        state = await self._beginnings.look_after_begin(handle, tool)
        task_id = await self._beginnings.handles.seal(handle)
        # Its questions and its result are for tasks/get alone.
        return {**self._describe(task_id, handle, state), "status": "working", "resultType": "task"}

    async def get(self, context: ServerRequestContext[Any, Any], params: TaskParams) -> dict[str, Any]:
        """The task as it stands.

        Raises:
            MCPError: the caller has no such task, or the client did not declare the extension.
        """
        found = await self._find(context, params, is_seen=True, with_message=True)
        state = found.state
        task = {**_COMPLETE, **self._describe(params.task_id, found.handle, state)}
        if state.questions:
            task["inputRequests"] = {key: each.request for key, each in state.questions.items()}
        if state.result is not None:
            task["result"] = state.result
        if state.error is not None:
            task["error"] = state.error
        return task

    async def update(self, context: ServerRequestContext[Any, Any], params: UpdateParams) -> dict[str, Any]:
        """Take answers to questions of the task.

        Raises:
            MCPError: as `get`; or an answer is malformed.
        """
        found = await self._find(context, params, is_seen=True)
        await deliver_answers(self._beginnings, found.state, params.input_responses)
        return dict(_COMPLETE)

    async def cancel(self, context: ServerRequestContext[Any, Any], params: TaskParams) -> dict[str, Any]:
        """End the task; one that is over stays as it is. What runs ends within about a minute (stopping.py).

        Raises:
            MCPError: as `get`.
        """
        found = await self._find(context, params, is_seen=False)
        try:
            await self._beginnings.engine.stop(found.handle.arn)
        except EngineUnavailable as failure:
            raise explain_engine(failure, began=True) from None
        return dict(_COMPLETE)

    async def _find(
        self,
        context: ServerRequestContext[Any, Any],
        params: TaskParams,
        *,
        is_seen: bool,
        with_message: bool = False,
    ) -> FoundWork:
        if context.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS:
            # 2025-11-25 has methods with these names in its core, which this server does not offer.
            raise MCPError(METHOD_NOT_FOUND, "Method not found")
        if not declares_tasks(context):
            raise build_refusal()
        require_name_header(params.task_id)
        try:
            return await self._beginnings.find(params.task_id, is_seen=is_seen, with_message=with_message)
        except UnknownWork:
            raise MCPError(INVALID_PARAMS, UNKNOWN) from None

    def _describe(self, task_id: str, handle: Handle, state: WorkState) -> dict[str, Any]:
        wait = suggest_wait(self._beginnings.clock() - state.began)
        until = min(handle.until, state.kept_until or handle.until)  # the engine counts from the end of the work
        task = {
            "taskId": task_id,
            "status": state.status,
            "createdAt": _write_time(state.began),
            "lastUpdatedAt": _write_time(state.updated),
            "ttlMs": max(0, int((until - state.began) * 1000)),
            "pollIntervalMs": wait * 1000,
        }
        return task if state.message is None else {**task, "statusMessage": state.message}


def build_refusal() -> CapabilityMissing:
    """The error for a client that does not declare the extension (SEP-2663, Protocol Errors)."""
    text = f"This needs a client which declares the extension {EXTENSION}."
    return CapabilityMissing(text, {"extensions": {EXTENSION: {}}})


def _write_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
