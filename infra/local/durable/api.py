"""The Lambda API's paths for durable executions, and their answers, as boto3 sends and reads them."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from infra.local.durable.engine import Engine
from infra.local.durable.errors import InvalidParameter, NotFound
from infra.local.durable.execution import Execution, without_data
from infra.local.durable.limits import EngineLimits
from infra.local.durable.pages import cut_page, in_seconds
from infra.local.durable.refusals import check_beginning, check_callback, read_text

_ARN = re.compile(
    r"arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+:(\$LATEST|\d+)/durable-execution/[\w-]+/[\w-]+"
)
_CREDENTIALS = {
    "AccessKeyId": "local",
    "SecretAccessKey": "local",
    "Token": "local",
    "Expiration": "2099-01-01T00:00:00Z",
}
"""For a boto3 without any: it signs its requests, and nothing here reads the signature."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: Sequence[str]
    """The decoded segments of the path."""
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body.

        Raises:
            InvalidParameter: if it is not a JSON object.
        """
        try:
            document = json.loads(self.body or b"{}")
        except ValueError:
            raise InvalidParameter("the body is not JSON") from None
        if not isinstance(document, dict):
            raise InvalidParameter("the body is not a JSON object")
        return document

    def value(self, name: str) -> str:
        """The first value of a parameter of the query; empty without one."""
        return next(iter(self.query.get(name, ())), "")

    def asks(self, name: str, *, default: bool) -> bool:
        return (self.value(name) or str(default)).lower() == "true"


@dataclass(frozen=True, slots=True)
class Response:
    status: int = 200
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Api:
    """Answers requests about one worker, `function`."""

    def __init__(
        self, engine: Engine, function: str, versions: Mapping[str, str], limits: EngineLimits | None = None
    ) -> None:
        """`versions` has the number of the version behind each alias, and behind each number.

        `limits` are those of executions that begin from now on, if they are others than the engine's own.
        """
        self._engine = engine
        self._function = function
        self._versions = versions
        self._limits = limits

    def answer(self, request: Request) -> Response:
        """The answer to a request.

        Raises:
            ApiError: every answer but success.
        """
        match request.method, *request.path:
            case "POST", "2015-03-31", "functions", name, "invocations":
                return self._invoke(name, request)
            case "GET", "2025-12-01", "functions", name, "durable-executions":
                return self._list(name, request)
            case method, "2025-12-01", "durable-executions", arn, *rest:
                return self._answer_execution(method, _check_arn(arn), "".join(rest), request)
            case "POST", "2025-12-01", "durable-execution-callbacks", callback, action:
                return self._answer_callback(callback, action, request)
            case "GET", "credentials":
                return Response(document=_CREDENTIALS)
        raise NotFound(f"the local engine has no {request.method} /{'/'.join(request.path)}")

    def _invoke(self, name: str, request: Request) -> Response:
        version = self._find_version(name, request.value("Qualifier"))
        kind = request.headers.get("x-amz-invocation-type", "RequestResponse")
        if kind == "DryRun":
            return Response(204)
        if kind != "Event":
            raise InvalidParameter(
                "Cannot invoke a durable function synchronously whose ExecutionTimeout is over 15 minutes"
            )
        wanted = request.headers.get("x-amz-durable-execution-name")
        text = check_beginning(wanted, request.body)
        execution = self._engine.start(wanted, text, version, self._limits)
        executed = {"x-amz-executed-version": execution.version}
        return Response(202, headers={"x-amz-durable-execution-arn": execution.arn, **executed})

    def _find_version(self, name: str, qualifier: str) -> str:
        qualifier = self._find_qualifier(name, qualifier)
        if not qualifier:
            raise InvalidParameter("You cannot invoke a durable function using an unqualified ARN.")
        if qualifier not in self._versions:
            raise NotFound(f"Function not found: {name}:{qualifier}")
        return self._versions[qualifier]

    def _find_qualifier(self, name: str, qualifier: str) -> str:
        plain, _, appended = name.rpartition(":function:")[2].partition(":")
        if plain != self._function:
            raise NotFound(f"Function not found: {name}")
        return qualifier or appended

    def _list(self, name: str, request: Request) -> Response:
        qualifier = self._find_qualifier(name, request.value("Qualifier"))
        version = self._versions.get(qualifier, qualifier)
        wanted, statuses = request.value("DurableExecutionName"), request.query.get("Statuses")
        found = [
            each
            for each in self._engine.executions
            if wanted in ("", each.name)
            and version in ("", each.version)
            and each.status in (statuses or [each.status])
        ]
        return Response(document={"DurableExecutions": [_summarize(each) for each in found]})

    def _answer_execution(self, method: str, arn: str, action: str, request: Request) -> Response:
        match method, action:
            case "GET", "":
                return Response(document=_describe(self._engine.find(arn), request))
            case "GET", "history":
                return Response(document=_page_history(self._engine.find(arn), request))
            case "GET", "state":
                execution = self._engine.check_token(arn, request.value("CheckpointToken"))
                return Response(document=_page_state(execution, request))
            case "POST", "checkpoint":
                return self._checkpoint(arn, request)
            case "POST", "stop":
                return Response(document={"StopTimestamp": self._engine.stop(arn, request.json or None)})
        raise NotFound(f"the local engine has no {method} {action} of an execution")

    def _checkpoint(self, arn: str, request: Request) -> Response:
        given = request.json
        token, changed = self._engine.checkpoint(arn, given.get("CheckpointToken", ""), given.get("Updates") or [])
        document: dict[str, Any] = {"NewExecutionState": {"Operations": [in_seconds(each) for each in changed]}}
        return Response(document=document | ({"CheckpointToken": token} if token else {}))

    def _answer_callback(self, callback: str, action: str, request: Request) -> Response:
        check_callback(request.body)
        actions: dict[str, Callable[[], None]] = {
            "succeed": lambda: self._engine.answer(callback, result=read_text(request.body)),
            "fail": lambda: self._engine.answer(callback, error=request.json),
            "heartbeat": lambda: self._engine.heartbeat(callback),
        }
        if action not in actions:
            raise NotFound(f"the local engine has no {action} of a callback")
        actions[action]()
        return Response(document={})


def split_path(raw_path: bytes) -> list[str]:
    """The segments, decoded one by one: an ARN has slashes of its own, which boto3 encodes."""
    return [unquote(each) for each in raw_path.decode("latin-1").strip("/").split("/")]


def _check_arn(arn: str) -> str:
    if not _ARN.fullmatch(arn):
        raise InvalidParameter(f"Invalid DurableExecutionArn: {arn}")
    return arn


def _summarize(execution: Execution) -> dict[str, Any]:
    ended = {} if execution.ended is None else {"EndTimestamp": execution.ended}
    return {
        "DurableExecutionArn": execution.arn,
        "DurableExecutionName": execution.name,
        "FunctionArn": f"{execution.function_arn}:{execution.version}",
        "Status": execution.status,
        "StartTimestamp": execution.started,
        **ended,
    }


def _describe(execution: Execution, request: Request) -> dict[str, Any]:
    has_data = request.asks("IncludeExecutionData", default=True)
    config = {
        "ExecutionTimeout": round(execution.deadline - execution.started),
        "RetentionPeriodInDays": max(1, round(execution.retention / 86400)),
    }
    document = {
        **_summarize(execution),
        "Version": execution.version,
        "DurableConfig": config,
        "ExecutionDataIncluded": has_data,
        "ExpectedExecutionTimeoutTimestamp": execution.deadline,
    }
    if has_data:
        document["InputPayload"] = execution.input
        document |= {} if execution.result is None else {"Result": execution.result}
        document |= {} if execution.error is None else {"Error": dict(execution.error)}
    return document


def _page_history(execution: Execution, request: Request) -> dict[str, Any]:
    events = execution.history[::-1] if request.asks("ReverseOrder", default=False) else execution.history
    if not request.asks("IncludeExecutionData", default=True):
        events = [without_data(each) for each in events]
    page, marker = cut_page(events, *_read_page(request))
    return {"Events": list(page)} | ({"NextMarker": marker} if marker else {})


def _page_state(execution: Execution, request: Request) -> dict[str, Any]:
    page, marker = cut_page(execution.operations, *_read_page(request))
    operations = [in_seconds(each) for each in page]
    return {"Operations": operations} | ({"NextMarker": marker} if marker else {})


def _read_page(request: Request) -> tuple[str, int]:
    marker, most = request.value("Marker"), request.value("MaxItems")
    if not (marker + most).isdecimal() and marker + most:
        raise InvalidParameter("Marker or MaxItems is not one that the API gave")
    return marker, int(most or 0) or 100
