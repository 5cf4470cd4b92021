"""Apply what a handler reports of its steps, waits, callbacks and contexts to an execution."""

import secrets
from collections.abc import Mapping
from typing import Any

from infra.local.durable.execution import Execution, Operation
from infra.local.durable.refusals import ENDS, check_update

Update = Mapping[str, Any]


def apply_update(execution: Execution, update: Update, now: float) -> None:
    """Apply one update of a checkpoint.

    Raises:
        InvalidParameter: Lambda would refuse it.
    """
    kind, status = update.get("Type"), check_update(update, execution.find(update.get("Id", "")))
    if kind == "EXECUTION":
        execution.end(status, now, result=update.get("Payload"), error=update.get("Error"))
        return
    operation = _find_or_add(execution, update, now)
    operation["Status"] = status
    if status in ENDS:
        operation["EndTimestamp"] = now
    _FILL[str(kind)](operation, update, now)
    execution.tell(operation)
    _record(execution, operation, update, now)


def _find_or_add(execution: Execution, update: Update, now: float) -> Operation:
    found = execution.find(update["Id"])
    if found is not None:
        return found
    named = {key: update[key] for key in ("ParentId", "Name", "SubType") if update.get(key)}
    added = {"Id": update["Id"], "Type": update["Type"], "Status": "STARTED", "StartTimestamp": now, **named}
    execution.operations.append(added)
    return added


def _fill_step(operation: Operation, update: Update, now: float) -> None:
    details = operation.setdefault("StepDetails", {"Attempt": 0})
    details.pop("NextAttemptTimestamp", None)
    if update["Action"] == "START":
        return
    details["Attempt"] += 1
    _put_outcome(details, update)
    if update["Action"] == "RETRY":
        details["NextAttemptTimestamp"] = now + update.get("StepOptions", {}).get("NextAttemptDelaySeconds", 0)


def _fill_context(operation: Operation, update: Update, now: float) -> None:
    details = operation.setdefault("ContextDetails", {})
    _put_outcome(details, update)
    if "ReplayChildren" in (options := update.get("ContextOptions", {})):
        details["ReplayChildren"] = options["ReplayChildren"]


def _fill_wait(operation: Operation, update: Update, now: float) -> None:
    if update["Action"] == "START":
        operation["WaitDetails"] = {"ScheduledEndTimestamp": now + update["WaitOptions"]["WaitSeconds"]}


def _fill_callback(operation: Operation, update: Update, now: float) -> None:
    # Hexadecimal digits are base64 too, and need no escape in a path.
    details = operation["CallbackDetails"] = {"CallbackId": secrets.token_hex(32)}
    options = update.get("CallbackOptions", {})
    # Zero is no limit.
    if options.get("TimeoutSeconds"):
        details["Expires"] = now + options["TimeoutSeconds"]
    if options.get("HeartbeatTimeoutSeconds"):
        details["Heartbeat"] = options["HeartbeatTimeoutSeconds"]
        details["HeartbeatExpires"] = now + options["HeartbeatTimeoutSeconds"]


_FILL = {"STEP": _fill_step, "CONTEXT": _fill_context, "WAIT": _fill_wait, "CALLBACK": _fill_callback}


def _put_outcome(details: dict[str, Any], update: Update) -> None:
    for key, name in (("Payload", "Result"), ("Error", "Error")):
        if update.get(key) is not None:
            details[name] = update[key]


def _record(execution: Execution, operation: Operation, update: Update, now: float) -> None:
    kind, action = operation["Type"].capitalize(), update["Action"]
    details: dict[str, Any] = {}
    if action == "SUCCEED":
        details["Result"] = {"Payload": update.get("Payload") or "", "Truncated": False}
    elif action in ("FAIL", "RETRY"):
        details["Error"] = {"Payload": dict(update.get("Error") or {}), "Truncated": False}
    if kind == "Step" and action != "START":
        wait = update.get("StepOptions", {}).get("NextAttemptDelaySeconds", 0)
        details["RetryDetails"] = {
            "CurrentAttempt": operation["StepDetails"]["Attempt"],
            "NextAttemptDelaySeconds": wait,
        }
    if kind == "Wait" and action == "START":
        ends = operation["WaitDetails"]["ScheduledEndTimestamp"]
        details |= {"Duration": update["WaitOptions"]["WaitSeconds"], "ScheduledEndTimestamp": ends}
    if kind == "Callback":
        details["CallbackId"] = operation["CallbackDetails"]["CallbackId"]
    ending = {
        "START": "Started",
        "SUCCEED": "Succeeded",
        "FAIL": "Failed",
        "RETRY": "Failed",
        "CANCEL": "Cancelled",
    }
    execution.record(kind + ending[action], details, now, operation)
