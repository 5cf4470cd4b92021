"""The engine of background work: AWS Lambda's durable executions, as the function that begins the work sees them.

The first use imports boto3, so only servers with a background tool pay for it.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from app.runtime.threads import in_server_thread

logger = logging.getLogger(__name__)

MAX_ASK_SECONDS = 6.0
"""What one question to the engine may take, with its second attempt."""
RETRY_SECONDS = 5
"""After a failure of the engine, a caller should wait this long."""
MAX_PAYLOAD_BYTES = 1024 * 1024
"""AWS Lambda quotas: the payload of an asynchronous invocation."""

MIN_BOTO3 = (1, 42)
"""Its first release, 1.42.1, has all operations of durable executions, and DurableExecutionName of Invoke."""

_CAUSES = {
    "AccessDeniedException": "denied",
    "DurableExecutionAlreadyStartedException": "other_payload",
    "EC2ThrottledException": "throttled",
    "RequestTooLargeException": "too_large",
    "ResourceNotFoundException": "missing",
    "ServiceQuotaExceededException": "throttled",
    "ThrottlingException": "throttled",
    "TooManyRequestsException": "throttled",
}
ENGINE_CAUSES = frozenset({*_CAUSES.values(), "not_durable", "outdated", "refused", "unreachable"})
"""Why the engine did not do what was asked of it."""
_GONE = frozenset({"ResourceNotFoundException"})
_OVER = _GONE | {"CallbackTimeoutException", "InvalidParameterValueException"}
"""What changes an execution is also refused with these when it is over, or the callback is answered."""
_REFUSALS: Mapping[str, frozenset[str]] = {
    "get_durable_execution": _GONE,
    "get_durable_execution_history": _GONE,
    "stop_durable_execution": _OVER,
    "send_durable_execution_callback_success": _OVER,
}
"""By operation, the errors for an execution that does not exist, or that is over."""


class OutdatedBoto3(Exception):
    """The boto3 of this Python is older than durable executions; the message names its version and the fix."""


class EngineUnavailable(Exception):
    """The engine did not do it; `cause` is one of ENGINE_CAUSES."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class ExecutionUnknown(Exception):
    """The execution does not exist, or it is over and can no longer be changed."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One durable execution. Times are in seconds since the epoch."""

    name: str
    status: str
    """RUNNING, SUCCEEDED, FAILED, TIMED_OUT or STOPPED, and some more that mean that it runs or is going."""
    payload: Mapping[str, Any]
    result: Any
    """What the worker returned; None before."""
    began: float
    ended: float | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event in the history of an execution."""

    kind: str
    """Such as StepStarted."""
    number: int
    """Its place in the history, which begins with 1; 0 if the engine did not say it."""
    id: str
    """Of the operation."""
    name: str
    sub_type: str
    at: float
    callback_id: str | None
    data: Any
    """What the step returned; None if data was not asked for."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """A part of the history of an execution."""

    events: list[Event]
    marker: str | None
    """Of the page with the events before; None on the last page."""


class DurableEngine:
    """Begins, reads and ends durable executions of one function."""

    def __init__(self, function: str, connect: "Callable[[], Any] | None" = None) -> None:
        """`function` is its name or ARN with an alias; `connect` makes boto3's client for Lambda."""
        self._function = function
        self._connect = connect or create_lambda_client

    async def begin(self, name: str, payload: Mapping[str, Any]) -> str:
        """Begin an execution and return its ARN. With the same name and payload it is the same execution.

        Raises:
            EngineUnavailable: nothing was begun, unless the cause is "unreachable": then nobody knows.
        """
        content = json.dumps(payload).encode()
        if len(content) > MAX_PAYLOAD_BYTES:
            raise EngineUnavailable("too_large")
        answer = await self._ask(
            "invoke",
            FunctionName=self._function,
            InvocationType="Event",
            DurableExecutionName=name,
            Payload=content,
        )
        if not isinstance(arn := answer.get("DurableExecutionArn"), str):
            raise EngineUnavailable("not_durable")  # the function exists, without a DurableConfig
        return arn

    async def describe(self, arn: str) -> Execution:
        """What has become of an execution.

        Raises:
            ExecutionUnknown, EngineUnavailable: it has no such execution, or gave no answer.
        """
        # With its data, as always: a boto3 of Lambda's Python may not know the parameter that says so.
        answer = await self._ask("get_durable_execution", DurableExecutionArn=arn)
        result, ended = answer.get("Result"), answer.get("EndTimestamp")
        return Execution(
            name=answer["DurableExecutionName"],
            status=answer["Status"],
            payload=json.loads(answer.get("InputPayload") or "{}"),
            result=json.loads(result) if result else None,
            began=_read_time(answer["StartTimestamp"]),
            ended=_read_time(ended) if ended is not None else None,
        )

    async def is_over(self, arn: str) -> bool:
        """Whether an execution has ended.

        Raises:
            ExecutionUnknown, EngineUnavailable: as `describe`.
        """
        answer = await self._ask("get_durable_execution", DurableExecutionArn=arn)
        return answer.get("EndTimestamp") is not None

    async def read_events(
        self, arn: str, *, most: int, marker: str | None = None, with_data: bool = False
    ) -> EventPage:
        """Some events of an execution, the newest first; after a page, its `marker` leads to the next.

        Raises:
            ExecutionUnknown, EngineUnavailable: as `describe`.
        """
        answer = await self._ask(
            "get_durable_execution_history",
            DurableExecutionArn=arn,
            IncludeExecutionData=with_data,
            MaxItems=most,
            ReverseOrder=True,
            **({} if marker is None else {"Marker": marker}),
        )
        return EventPage([_read_event(each) for each in answer["Events"]], answer.get("NextMarker"))

    async def stop(self, arn: str) -> None:
        """End an execution; one that is over already stays as it is.

        Raises:
            EngineUnavailable: it gave no answer.
        """
        try:
            await self._ask("stop_durable_execution", DurableExecutionArn=arn)
        except ExecutionUnknown:
            return

    async def answer(self, callback_id: str, answer: Mapping[str, Any]) -> None:
        """Answer what an execution waits for; a second answer changes nothing.

        Raises:
            EngineUnavailable: it gave no answer.
        """
        try:
            await self._ask(
                "send_durable_execution_callback_success",
                CallbackId=callback_id,
                Result=json.dumps(answer).encode(),
            )
        except ExecutionUnknown:
            return

    async def _ask(self, operation: str, **parameters: Any) -> Any:
        try:
            # boto3 blocks. A thread of the server, because a tool cannot hold that one.
            client = await in_server_thread(self._connect)
            async with asyncio.timeout(MAX_ASK_SECONDS):
                return await in_server_thread(lambda: getattr(client, operation)(**parameters))
        except EngineUnavailable:
            raise
        except Exception as error:  # botocore raises many kinds
            code = _read_code(error)
            if code in _REFUSALS.get(operation, ()):
                raise ExecutionUnknown from None
            raise EngineUnavailable(_CAUSES.get(code) or _judge(error, code)) from error


def _read_response(error: Exception, part: str) -> Mapping[str, Any]:
    """A part of the answer of AWS; empty if it gave none."""
    response = getattr(error, "response", None)  # of botocore's ClientError
    found = response.get(part) if isinstance(response, dict) else None
    return found if isinstance(found, dict) else {}


def _read_code(error: Exception) -> str:
    return str(_read_response(error, "Error").get("Code", ""))


def _judge(error: Exception, code: str) -> str:
    """The cause of an error that has no name here. AWS did nothing if it answered with a 4xx status."""
    status = _read_response(error, "ResponseMetadata").get("HTTPStatusCode", 0)
    if not 400 <= status < 500:
        return "unreachable"
    logger.warning("Lambda refused what background work needs", extra={"code": code})
    return "refused"


def _read_time(value: datetime | float) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(value)


def _read_event(event: Mapping[str, Any]) -> Event:
    kind = event["EventType"]
    details = event.get(f"{kind}Details") or {}
    payload = (details.get("Result") or {}).get("Payload")
    return Event(
        kind=kind,
        number=event.get("EventId", 0),
        id=event.get("Id", ""),
        name=event.get("Name", ""),
        sub_type=event.get("SubType", ""),
        at=_read_time(event["EventTimestamp"]),
        callback_id=details.get("CallbackId"),
        data=json.loads(payload) if payload and kind == "StepSucceeded" else None,
    )


def check_boto3(version: str) -> None:
    """Check that this version of boto3 can begin background work and run it.

    Raises:
        OutdatedBoto3: if it is older than durable executions.
    """
    numbers = tuple(int(each) for each in version.split(".")[:2])
    if numbers < MIN_BOTO3:
        raise OutdatedBoto3(
            f"boto3 {version} has no durable executions, which background tools need; deploy with a boto3 of your "
            "own, as docs/background-operate.md says under boto3"
        )


@cache
def create_lambda_client() -> Any:
    """boto3's client for Lambda, made once. A caller waits, so it has two attempts of some seconds at most.

    Raises:
        EngineUnavailable: this boto3 has no durable executions.
    """
    import boto3  # here, because it takes 150 ms, and only servers with background tools need it
    from botocore.config import Config

    try:
        check_boto3(boto3.__version__)
    except OutdatedBoto3 as error:
        detail = {"detail": str(error)}
        logger.error("boto3 is too old for background work", extra=detail)  # noqa: TRY400 - its trace says no more
        raise EngineUnavailable("outdated") from None
    retries = {"total_max_attempts": 2, "mode": "standard"}
    config = Config(connect_timeout=1, read_timeout=2.5, retries=retries)
    # A session of our own: boto3's default session is not safe for several threads.
    return boto3.session.Session().client("lambda", config=config)
