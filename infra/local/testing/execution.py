"""One durable execution in this process: its operations, and the events of its history."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from infra.local.durable.refusals import check_update

_KINDS = {"STEP": "Step", "WAIT": "Wait", "CALLBACK": "Callback"}


@dataclass
class Execution:
    arn: str
    name: str
    payload: str
    began: float
    status: str = "RUNNING"
    result: str | None = None
    error: Mapping[str, Any] | None = None
    ended: float | None = None
    operations: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    token: str = ""
    failures: int = 0
    invocations: int = 0
    due: float | None = 0.0
    """When it has to be invoked next."""

    def apply(self, update: Mapping[str, Any], now: float) -> None:
        """Apply one update of a checkpoint.

        Raises:
            InvalidParameter: Lambda would refuse it.
        """
        kind, action = update["Type"], update["Action"]
        status = check_update(update, self.operations.get(update["Id"]))
        operation = self.operations.setdefault(
            update["Id"],
            {name: update[name] for name in ("Id", "Type", "Name", "SubType") if name in update},
        )
        if action == "START":
            self._start(operation, update, now)
            self.record(f"{_KINDS[kind]}Started", operation, now)
        elif action == "RETRY":
            attempt = operation["StepDetails"]["Attempt"] + 1
            at = now + update["StepOptions"]["NextAttemptDelaySeconds"]
            operation["Status"] = status
            operation["StepDetails"] = {"Attempt": attempt, "NextAttemptTimestamp": write_time(at)}
        else:
            operation["Status"] = status
            details = {"Result": update.get("Payload"), "Error": update.get("Error")}
            operation["StepDetails"] |= {name: value for name, value in details.items() if value is not None}
            self.record(f"{_KINDS[kind]}{status.capitalize()}", operation, now)

    def wake(self, operation: dict[str, Any], now: float) -> None:
        at = find_due(operation)
        if at is None or at > now:
            return
        if operation["Type"] == "STEP":
            operation["Status"] = "READY"
            return
        operation["Status"] = "SUCCEEDED" if operation["Type"] == "WAIT" else "TIMED_OUT"
        kind = "WaitSucceeded" if operation["Type"] == "WAIT" else "CallbackTimedOut"
        self.record(kind, operation, now)

    def _start(self, operation: dict[str, Any], update: Mapping[str, Any], now: float) -> None:
        operation["Status"] = "STARTED"
        operation["StartTimestamp"] = write_time(now)
        if update["Type"] == "STEP":
            operation["StepDetails"] = {"Attempt": operation.get("StepDetails", {"Attempt": 0})["Attempt"]}
        elif update["Type"] == "WAIT":
            at = now + update["WaitOptions"]["WaitSeconds"]
            operation["WaitDetails"] = {"ScheduledEndTimestamp": write_time(at)}
        else:
            seconds = update["CallbackOptions"]["TimeoutSeconds"]
            operation["CallbackDetails"] = {"CallbackId": uuid4().hex}
            operation["TimesOut"] = now + seconds

    def end(self, status: str, now: float) -> None:
        self.status, self.ended, self.due = status, now, None
        self.record(f"Execution{''.join(part.capitalize() for part in status.split('_'))}", {}, now)

    def record(self, kind: str, operation: Mapping[str, Any], now: float) -> None:
        details: dict[str, Any] = {}
        if kind == "CallbackStarted":
            details = {"CallbackId": operation["CallbackDetails"]["CallbackId"]}
        if kind == "StepSucceeded" and "Result" in operation["StepDetails"]:
            details = {"Result": {"Payload": operation["StepDetails"]["Result"]}}
        named = {name: operation[name] for name in ("Id", "Name", "SubType") if name in operation}
        number = {"EventId": len(self.events) + 1}
        event = {
            **number,
            "EventType": kind,
            "EventTimestamp": write_time(now),
            **named,
            f"{kind}Details": details,
        }
        self.events.append(event)


def write_time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def find_due(operation: Mapping[str, Any]) -> float | None:
    if operation["Type"] == "WAIT" and operation["Status"] == "STARTED":
        at: datetime = operation["WaitDetails"]["ScheduledEndTimestamp"]
        return at.timestamp()
    if operation["Type"] == "CALLBACK" and operation["Status"] == "STARTED":
        return float(operation["TimesOut"])
    if operation["Type"] == "STEP" and operation["Status"] == "PENDING":
        at = operation["StepDetails"]["NextAttemptTimestamp"]
        return at.timestamp()
    return None


def write_for_event(value: Any) -> Any:
    """As it is in a worker's event: times in milliseconds."""
    if isinstance(value, dict):
        return {name: write_for_event(each) for name, each in value.items() if name != "TimesOut"}
    return int(value.timestamp() * 1000) if isinstance(value, datetime) else value


def read_payload(execution: Execution) -> Any:
    """What the work began with."""
    return json.loads(execution.payload)
