"""What has become of background work, read from its durable execution."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self, TypeAlias

from mcp_types import INTERNAL_ERROR

from app.protocol.tasks.history import History, Memory, read_history, read_requests
from app.runtime.durable import DurableEngine, Execution

Status: TypeAlias = Literal["working", "input_required", "completed", "failed", "cancelled"]
"""SEP-2663, Task Status."""

_FAILURES = {
    "FAILED": "The work failed unexpectedly. The cause is in the worker's log.",
    "TIMED_OUT": "The work took longer than it may, and was ended. It may have done part of its work.",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the user that is not answered yet."""

    request: Mapping[str, Any]
    """As it goes to a client: method and params."""
    callback_id: str

    @property
    def text(self) -> str:
        """What the user reads."""
        params = self.request["params"]
        return f"{params['message']} {params['url']}" if "url" in params else str(params["message"])


@dataclass(frozen=True, slots=True)
class WorkState:
    """Background work as its caller may see it. Times are in seconds since the epoch."""

    status: Status
    tool: str
    arguments: Mapping[str, Any]
    began: float
    updated: float
    message: str | None = None
    questions: Mapping[str, Question] = field(default_factory=dict)
    """By key."""
    result: Mapping[str, Any] | None = None
    """The CallToolResult of work that is completed, as it is sent."""
    error: Mapping[str, Any] | None = None
    """The JSON-RPC error of work that failed."""
    kept_until: float | None = None
    """Until when it can be fetched; None before its end."""

    @property
    def is_over(self) -> bool:
        return self.status in ("completed", "failed", "cancelled")

    def leave_out(self, answered: Collection[str]) -> Self:
        """The same without questions that were answered a moment ago, which the engine may still show as open."""
        if self.questions.keys().isdisjoint(answered):
            return self
        questions = {key: each for key, each in self.questions.items() if key not in answered}
        return replace(self, questions=questions, status="input_required" if questions else "working")


async def read_state(engine: DurableEngine, arn: str, memory: Memory, *, with_message: bool = True) -> WorkState:
    """Ask the engine. Without `with_message`, work that is over has no message, and its history is not read.

    Raises:
        ExecutionUnknown, EngineUnavailable: it has no such execution, or gave no answer.
    """
    execution = await engine.describe(arn)
    is_over = execution.ended is not None
    if is_over and not with_message:
        return _describe(execution, History(message=None, updated=None, waiting={}, markers={}), {})
    history, requests = await _read_all(engine, arn, memory, is_over=is_over)
    questions = {key: Question(requests[key], id_) for key, id_ in history.waiting.items() if key in requests}
    return _describe(execution, history, questions)


async def _read_all(
    engine: DurableEngine, arn: str, memory: Memory, *, is_over: bool
) -> tuple[History, Mapping[str, Any]]:
    """The history, and the questions that wait. What an earlier look has read is read again only if need be."""
    remembered = memory.find(arn)
    history = await read_history(engine, arn, is_over=is_over, remembered=remembered)
    requests = {} if remembered is None else dict(remembered.requests)
    if not history.waiting.keys() <= requests.keys():
        requests |= await read_requests(engine, arn, history)
    if remembered is not None and not history.waiting.keys() <= requests.keys():
        history = await read_history(engine, arn, is_over=is_over)
        requests = await read_requests(engine, arn, history)
    memory.keep(arn, history, requests)
    return history, requests


def _describe(execution: Execution, history: History, questions: Mapping[str, Question]) -> WorkState:
    status, result, error = _find_end(execution)
    keep_hours = execution.payload.get("keep_hours", 0)
    if status == "working" and questions:
        status = "input_required"
    return WorkState(
        status=status,
        tool=str(execution.payload.get("tool")),
        arguments=execution.payload.get("arguments") or {},
        began=execution.began,
        updated=execution.ended or history.updated or execution.began,
        message=error["message"] if error else history.message,
        questions=questions,
        result=result,
        error=error,
        kept_until=None if execution.ended is None else execution.ended + keep_hours * 3600,
    )


def _find_end(execution: Execution) -> tuple[Status, Mapping[str, Any] | None, Mapping[str, Any] | None]:
    """The status, and the result or the error of work that is over."""
    if execution.status == "SUCCEEDED" and isinstance(outcome := execution.result, dict):
        if "error" in outcome:
            return "failed", None, outcome["error"]
        return "completed", outcome["result"], None
    if execution.status == "STOPPED":
        return "cancelled", None, None
    if execution.ended is None:
        return "working", None, None
    text = _FAILURES.get(execution.status, _FAILURES["FAILED"])
    return "failed", None, {"code": INTERNAL_ERROR, "message": text}
