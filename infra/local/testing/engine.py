"""An engine of durable executions in this process: boto3's methods, with the real worker handler behind them.

Time passes when a test says so. What is due runs at once, in the order in which it is due.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from infra.local.durable.errors import ApiError
from infra.local.durable.limits import EngineLimits
from infra.local.durable.refusals import check_beginning, check_callback
from infra.local.testing.execution import Execution, find_due, write_for_event, write_time

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:worker:live"
LIMITS = EngineLimits()

Worker = Callable[[Any, Any], Any]


class Refused(Exception):
    """As botocore's ClientError: the code and the status are in `response`."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.response = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }


@contextmanager
def refusals() -> Iterator[None]:
    """Raise as boto3 does what Lambda's API would refuse."""
    try:
        yield
    except ApiError as error:
        raise Refused(error.code, str(error), error.status) from None


@dataclass
class Engine:
    """boto3's client for Lambda, for the function that begins work and for the worker."""

    clock: Callable[[], float]
    pass_time: Callable[[float], None]
    worker: Worker | None = None
    executions: dict[str, Execution] = field(default_factory=dict)
    failing: dict[str, Exception] = field(default_factory=dict)
    """Operations that fail, by the name of boto3's method."""
    holding: dict[str, threading.Event] = field(default_factory=dict)
    """Operations that answer only once the event is set."""
    asked: list[str] = field(default_factory=list)
    is_paused: bool = False
    """Whether no worker runs."""
    context: Any = None
    """Lambda's, which knows how much time is left."""
    killing_action: str | None = None
    is_killed: bool = False
    """Whether the worker's process was killed: what it does afterwards never happened."""

    # What the function that begins work uses.

    def invoke(self, **parameters: Any) -> dict[str, Any]:
        self._note("invoke")
        if (parameters["FunctionName"], parameters["InvocationType"]) != (FUNCTION, "Event"):
            raise Refused("ResourceNotFoundException", status=404)
        name = parameters["DurableExecutionName"]
        with refusals():
            payload = check_beginning(name, parameters["Payload"])
        arn = f"{FUNCTION.removesuffix('live')}1/durable-execution/{name}/{uuid4()}"
        for each in self.executions.values():
            if each.name == name:
                if each.payload != payload:
                    raise Refused("DurableExecutionAlreadyStartedException", status=409)
                return {"StatusCode": 202, "DurableExecutionArn": each.arn}
        self.executions[arn] = Execution(arn, name, payload, self.clock(), due=self.clock())
        self.executions[arn].record("ExecutionStarted", {}, self.clock())
        self.run_due()
        return {"StatusCode": 202, "DurableExecutionArn": arn}

    def get_durable_execution(self, **parameters: Any) -> dict[str, Any]:
        self._note("get_durable_execution")
        each = self._find(parameters["DurableExecutionArn"])
        optional = {
            "Result": each.result,
            "Error": each.error,
            "EndTimestamp": None if each.ended is None else write_time(each.ended),
        }
        return {
            "DurableExecutionArn": each.arn,
            "DurableExecutionName": each.name,
            "Status": each.status,
            "StartTimestamp": write_time(each.began),
            "InputPayload": each.payload,
            **{name: value for name, value in optional.items() if value is not None},
        }

    def get_durable_execution_history(self, **parameters: Any) -> dict[str, Any]:
        self._note("get_durable_execution_history")
        events = self._find(parameters["DurableExecutionArn"]).events[::-1]
        # As AWS: a marker stays where it is while newer events are added, so it counts from the oldest.
        first = len(events) - int(parameters.get("Marker") or len(events))
        after = first + parameters["MaxItems"]
        rest = {"NextMarker": str(len(events) - after)} if after < len(events) else {}
        return {"Events": events[first:after], **rest}

    def stop_durable_execution(self, **parameters: Any) -> dict[str, Any]:
        self._note("stop_durable_execution")
        each = self._find(parameters["DurableExecutionArn"])
        if each.status != "RUNNING":
            raise Refused("InvalidParameterValueException", "it is over")
        each.end("STOPPED", self.clock())
        return {"StopTimestamp": write_time(self.clock())}

    def send_durable_execution_callback_success(self, **parameters: Any) -> dict[str, Any]:
        self._note("send_durable_execution_callback_success")
        execution, operation = self._find_callback(parameters["CallbackId"])
        if operation["Status"] != "STARTED":
            raise Refused("CallbackTimeoutException")
        with refusals():
            check_callback(parameters["Result"])
        operation["Status"] = "SUCCEEDED"
        operation["CallbackDetails"]["Result"] = parameters["Result"].decode()
        execution.record("CallbackSucceeded", operation, self.clock())
        execution.due = self.clock()
        self.run_due()
        return {}

    # What the worker's SDK uses.

    def checkpoint_durable_execution(self, **parameters: Any) -> dict[str, Any]:
        self._note("checkpoint_durable_execution")
        execution = self.executions[parameters["DurableExecutionArn"]]
        if self.is_killed or parameters["CheckpointToken"] != execution.token or execution.status != "RUNNING":
            raise Refused("InvalidParameterValueException", "Invalid checkpoint token")
        for update in parameters["Updates"]:
            with refusals():
                execution.apply(update, self.clock())
            if update["Action"] == self.killing_action:
                self.is_killed, self.killing_action = True, None
        execution.token = uuid4().hex
        # What changed: the SDK needs no more, and with all, each step would cost more than the one before.
        changed = dict.fromkeys(update["Id"] for update in parameters["Updates"])
        state = {"Operations": [execution.operations[each] for each in changed]}
        return {"CheckpointToken": execution.token, "NewExecutionState": state}

    # What a test uses.

    def run_due(self) -> None:
        """Invoke the worker for all that is due now."""
        while not self.is_paused:
            now = self.clock()
            due = [each for each in self.executions.values() if each.due is not None and each.due <= now]
            if not due:
                return
            self._invoke(min(due, key=lambda each: each.due or 0.0))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        until = self.clock() + seconds
        while True:
            coming = [each.due for each in self.executions.values() if each.due is not None]
            after = min((at for at in coming if at <= until), default=None)
            if after is None or self.is_paused:
                break
            self.pass_time(max(0.0, after - self.clock()))
            self.run_due()
        self.pass_time(max(0.0, until - self.clock()))

    def kill_after(self, action: str) -> None:
        """End the worker's process once it has written this, such as SUCCEED."""
        self.killing_action = action

    async def sleep(self, seconds: float) -> None:
        """What waits in the function that begins work."""
        self.advance(seconds)

    @property
    def only(self) -> Execution:
        (execution,) = self.executions.values()
        return execution

    def _invoke(self, execution: Execution) -> None:
        if self.worker is None:
            raise RuntimeError("this engine has no worker")
        execution.due, execution.token = None, uuid4().hex
        execution.invocations += 1
        head = {
            "Id": execution.arn.rpartition("/")[2],
            "Type": "EXECUTION",
            "Status": "STARTED",
            "StartTimestamp": int(execution.began * 1000),
            "ExecutionDetails": {"InputPayload": execution.payload},
        }
        for operation in execution.operations.values():
            execution.wake(operation, self.clock())
        state = {"Operations": [head, *map(write_for_event, execution.operations.values())], "NextMarker": ""}
        event = {
            "DurableExecutionArn": execution.arn,
            "CheckpointToken": execution.token,
            "InitialExecutionState": state,
        }
        self.is_killed = False
        try:
            answer = self.worker(event, self.context)
        except Exception:  # noqa: BLE001 - of any kind: Lambda invokes it again
            self.is_killed = True
        if self.is_killed:
            self._retry(execution)
            return
        execution.failures = 0
        if execution.status != "RUNNING":
            return
        if answer["Status"] == "SUCCEEDED":
            execution.result = answer["Result"]
            execution.end("SUCCEEDED", self.clock())
        elif answer["Status"] == "FAILED":
            execution.error = answer["Error"]
            execution.end("FAILED", self.clock())
        else:
            self._plan(execution)

    def _retry(self, execution: Execution) -> None:
        execution.failures += 1
        if execution.status != "RUNNING":
            return
        if execution.failures >= LIMITS.failed_invocations:
            execution.end("FAILED", self.clock())
        else:
            execution.due = self.clock() + LIMITS.retry

    def _plan(self, execution: Execution) -> None:
        """The worker waits: invoke it when the first thing that it waits for is there."""
        times = [find_due(each) for each in execution.operations.values()]
        coming = min((at for at in times if at is not None), default=None)
        if coming is not None or execution.due is None:
            execution.due = coming

    def _find(self, arn: str) -> Execution:
        if arn not in self.executions:
            raise Refused("ResourceNotFoundException", status=404)
        return self.executions[arn]

    def _find_callback(self, callback_id: str) -> tuple[Execution, dict[str, Any]]:
        for execution in self.executions.values():
            for operation in execution.operations.values():
                if operation.get("CallbackDetails", {}).get("CallbackId") == callback_id:
                    return execution, operation
        raise Refused("ResourceNotFoundException", status=404)

    def _note(self, operation: str) -> None:
        self.asked.append(operation)
        if (event := self.holding.get(operation)) is not None:
            event.wait()
        if (failure := self.failing.get(operation)) is not None:
            raise failure
