"""What time does to an execution: waits end, retries become ready, callbacks expire."""

from collections.abc import Iterator

from infra.local.durable.errors import make_error
from infra.local.durable.execution import Execution, Operation


def settle(execution: Execution, now: float) -> None:
    """Let everything happen that is due."""
    for operation in execution.operations:
        if any(moment <= now for moment in _moments(operation)):
            _SETTLE[operation["Type"]](execution, operation, now)
            execution.tell(operation)


def find_next_moment(execution: Execution) -> float | None:
    """When the next thing is due; None if only a callback's answer can continue the execution."""
    return min((moment for each in execution.operations for moment in _moments(each)), default=None)


def awaits_something(execution: Execution) -> bool:
    """Whether anything will wake it: a handler that says it waits must wait for something."""
    has_callback = any(each["Type"] == "CALLBACK" and each["Status"] == "STARTED" for each in execution.operations)
    return has_callback or find_next_moment(execution) is not None


def _moments(operation: Operation) -> Iterator[float]:
    match operation["Type"], operation["Status"]:
        case "WAIT", "STARTED":
            yield operation["WaitDetails"]["ScheduledEndTimestamp"]
        case "STEP", "PENDING":
            yield operation["StepDetails"]["NextAttemptTimestamp"]
        case "CALLBACK", "STARTED":
            details = operation["CallbackDetails"]
            yield from (details[key] for key in ("Expires", "HeartbeatExpires") if key in details)


def _end_wait(execution: Execution, operation: Operation, now: float) -> None:
    operation["Status"], operation["EndTimestamp"] = "SUCCEEDED", now
    execution.record("WaitSucceeded", {"Duration": round(now - operation["StartTimestamp"])}, now, operation)


def _make_ready(execution: Execution, operation: Operation, now: float) -> None:
    operation["Status"] = "READY"


def _expire(execution: Execution, operation: Operation, now: float) -> None:
    details = operation["CallbackDetails"]
    kind = "Callback.Timeout" if details.get("Expires", now + 1) <= now else "Callback.Heartbeat"
    details["Error"] = make_error(kind, "nobody answered the callback in time")
    operation["Status"], operation["EndTimestamp"] = "TIMED_OUT", now
    error = {"Payload": details["Error"], "Truncated": False}
    execution.record("CallbackTimedOut", {"Error": error}, now, operation)


_SETTLE = {"WAIT": _end_wait, "STEP": _make_ready, "CALLBACK": _expire}
