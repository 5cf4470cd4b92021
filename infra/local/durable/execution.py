"""One durable execution: its operations, its history, and what the handler has not been told of yet."""

import base64
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from infra.local.durable.errors import ErrorObject

Operation = dict[str, Any]
Event = dict[str, Any]

_DETAILS_OF_DATA = ("Input", "Result", "Error")


@dataclass
class Execution:
    """Everything of an execution that is kept, as plain JSON values; times are Unix seconds."""

    arn: str
    name: str
    function_arn: str
    input: str
    started: float
    deadline: float
    retention: float
    """Seconds for which it can be asked for after its end."""
    status: str = "RUNNING"
    ended: float | None = None
    result: str | None = None
    error: ErrorObject | None = None
    operations: list[Operation] = field(default_factory=list)
    history: list[Event] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    """Ids of operations that ended while no handler was there to see it, or that it has not asked for yet."""
    token: str = ""
    """What the running invocation may write its next checkpoint with. Empty if no invocation runs."""
    is_invoked: bool = False
    failures: int = 0
    """Invocations in a row that gave no answer."""
    idle_answers: int = 0
    """Answers in a row that nothing is ready, while nothing was awaited."""
    not_before: float = 0.0
    """The next invocation waits until then, after a failure."""

    def begin(self) -> None:
        """Write the operation that has the input, and the first event."""
        operation = {
            "Id": self.id,
            "Type": "EXECUTION",
            "Status": "STARTED",
            "StartTimestamp": self.started,
            "ExecutionDetails": {"InputPayload": self.input},
        }
        self.operations.append(operation)
        self.tell(operation)
        seconds = round(self.deadline - self.started)
        details = {"Input": {"Payload": self.input, "Truncated": False}, "ExecutionTimeout": seconds}
        self.record("ExecutionStarted", details, self.started, operation)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        return cls(**document)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def id(self) -> str:
        """The last part of the ARN, which is also the id of the operation that has the input."""
        return self.arn.rpartition("/")[2]

    @property
    def version(self) -> str:
        return self.arn.partition("/")[0].rpartition(":")[2]

    @property
    def is_running(self) -> bool:
        return self.status == "RUNNING"

    def find(self, operation_id: str) -> Operation | None:
        return next((each for each in self.operations if each["Id"] == operation_id), None)

    def find_callback(self, callback_id: str) -> Operation | None:
        found = (each for each in self.operations if each["Type"] == "CALLBACK")
        return next((each for each in found if each["CallbackDetails"]["CallbackId"] == callback_id), None)

    def renew_token(self) -> str:
        """A token for the next checkpoint; the one before is of no use from now on."""
        self.token = base64.b64encode(secrets.token_bytes(24)).decode()
        return self.token

    def tell(self, operation: Operation) -> None:
        """Remember that the handler has to be told of this operation."""
        if operation["Id"] not in self.unseen:
            self.unseen.append(operation["Id"])

    def take_unseen(self) -> list[Operation]:
        told = [each for each in self.operations if each["Id"] in self.unseen]
        self.unseen.clear()
        return told

    def record(self, kind: str, details: dict[str, Any], now: float, operation: Operation | None = None) -> None:
        """Add an event to the history."""
        fields = ("Id", "Name", "ParentId", "SubType")
        about = {key: operation[key] for key in fields if key in operation} if operation else {}
        number = len(self.history) + 1
        self.history.append(
            {"EventId": number, "EventType": kind, "EventTimestamp": now, **about, f"{kind}Details": details}
        )

    def end(self, status: str, now: float, *, result: str | None = None, error: ErrorObject | None = None) -> None:
        """Make it SUCCEEDED, FAILED, TIMED_OUT or STOPPED. Later ends change nothing."""
        if not self.is_running:
            return
        self.status, self.ended, self.result, self.error, self.token = status, now, result, error, ""
        self.operations[0]["Status"], self.operations[0]["EndTimestamp"] = status, now
        kind = "Execution" + {"TIMED_OUT": "TimedOut"}.get(status, status.capitalize())
        held = {"Result": {"Payload": result or "", "Truncated": False}}
        if status != "SUCCEEDED":
            held = {"Error": {"Payload": dict(error or {}), "Truncated": False}}
        self.record(kind, held, now, self.operations[0])


def without_data(event: Event) -> Event:
    """The event without inputs, results and errors, as with IncludeExecutionData=False."""
    key = f"{event['EventType']}Details"
    bare = {name: {} if name in _DETAILS_OF_DATA else value for name, value in event[key].items()}
    return {**event, key: bare}
