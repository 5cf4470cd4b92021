"""What has become of background work, read from its durable execution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from mcp_types import INTERNAL_ERROR

from app.protocol.tasks.names import ANSWER, QUESTION, SAY, STEP, read_name
from app.runtime.durable import DurableEngine, Event, Execution

Status: TypeAlias = Literal["working", "input_required", "completed", "failed", "cancelled"]
"""SEP-2663, Task Status."""

_FAILURES = {
    "FAILED": "The work failed unexpectedly. The cause is in the worker's log.",
    "TIMED_OUT": "The work took longer than it may, and was ended. It may have done part of its work.",
}
_ENDS = ("CallbackSucceeded", "CallbackFailed", "CallbackTimedOut")


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

    @property
    def is_over(self) -> bool:
        return self.status in ("completed", "failed", "cancelled")


async def read_state(engine: DurableEngine, arn: str) -> WorkState:
    """Ask the engine.

    Raises:
        ExecutionUnknown, EngineUnavailable: it has no such execution, or gave no answer.
    """
    execution = await engine.describe(arn)
    events = await engine.read_events(arn)
    questions: dict[str, Question] = {}
    if execution.ended is None and (waiting := _find_open(events)):
        # Only now with data: it has what the steps returned, which may be large.
        requests = _find_requests(await engine.read_events(arn, with_data=True))
        questions = {key: Question(requests[key], waiting[key]) for key in waiting if key in requests}
    return _describe(execution, events, questions)


def _describe(execution: Execution, events: Sequence[Event], questions: Mapping[str, Question]) -> WorkState:
    status, result, error = _find_end(execution)
    if status == "working" and questions:
        status = "input_required"
    return WorkState(
        status=status,
        tool=str(execution.payload.get("tool")),
        arguments=execution.payload.get("arguments") or {},
        began=execution.began,
        updated=execution.ended or max((each.at for each in events), default=execution.began),
        message=error["message"] if error else _find_message(events),
        questions=questions,
        result=result,
        error=error,
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


def _find_message(events: Sequence[Event]) -> str | None:
    """What the tool said last; the name of its last step if it never said anything."""
    for sub_type in (SAY, STEP):
        for each in events:
            if each.sub_type == sub_type and each.kind.startswith("Step"):
                return read_name(each.name)
    return None


def _find_open(events: Sequence[Event]) -> dict[str, str]:
    """From the key of each question that waits for its answer to the callback that takes it, in their order."""
    ended = {each.id for each in events if each.kind in _ENDS}
    return {
        each.name: each.callback_id
        for each in reversed(events)
        if each.kind == "CallbackStarted" and each.sub_type == ANSWER and each.callback_id and each.id not in ended
    }


def _find_requests(events: Sequence[Event]) -> dict[str, Any]:
    return {each.name: each.data for each in events if each.sub_type == QUESTION and each.data is not None}
