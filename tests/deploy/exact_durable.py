"""ministack without durable executions of its own: those are in durable_engine.py. Run by ministack's Python.

An asynchronous invocation begins none of its own. They have no names, a crash ends them, they cannot be listed by
two states, and never leave data out. Nor is a role asked for their actions: here it is.
"""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any
from urllib.parse import quote, urlencode

Function = Callable[..., Any]
_OF_EXECUTION = {
    ("GET", ""): "GetDurableExecution",
    ("GET", "history"): "GetDurableExecutionHistory",
    ("GET", "state"): "GetDurableExecutionState",
    ("POST", "checkpoint"): "CheckpointDurableExecution",
    ("POST", "stop"): "StopDurableExecution",
}
_OF_CALLBACK = {
    "succeed": "SendDurableExecutionCallbackSuccess",
    "fail": "SendDurableExecutionCallbackFailure",
    "heartbeat": "SendDurableExecutionCallbackHeartbeat",
}
ENGINE_CONTEXT = "ImVuZ2luZSI="
"""The client context of the engine's invocations: those of everybody else begin an execution."""
FUNCTIONS = "x-functions"
"""The header that says which durable functions there are, and with which versions."""
_ASKED = ("authorization", "x-amz-durable-execution-name", "x-amz-invocation-type")
_ANSWERED = ("content-type", "x-amzn-errortype", "x-amz-durable-execution-arn", "x-amz-executed-version")
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def split(path: str) -> list[str]:
    """The parts of a decoded path. The ARN of an execution has slashes of its own and is one part."""
    date, *rest = path.strip("/").split("/")
    if rest[:1] != ["durable-executions"]:
        return [date, *rest]
    *arn, last = rest[1:] or [""]
    is_action = bool(arn) and last in {each for _, each in _OF_EXECUTION}
    return [date, rest[0], "/".join(arn), last] if is_action else [date, rest[0], "/".join([*arn, last])]


def name_action(method: str, parts: list[str]) -> str | None:
    """The name in IAM of an action on durable executions."""
    match parts[1:]:
        case ["functions", _, "durable-executions"]:
            return "ListDurableExecutionsByFunction"
        case ["functions", _, "invocations"]:
            return "InvokeFunction"
        case ["durable-executions", _, *end]:
            return _OF_EXECUTION.get((method, "".join(end)))
        case ["durable-execution-callbacks", _, end]:
            return _OF_CALLBACK.get(end)
    return None


def with_actions(lambda_action: Function) -> Function:
    def action(method: str, path: str) -> Any:
        return name_action(method, split(path)) or lambda_action(method, path)

    return action


def with_executions(extract_resource_arn: Function, engine: str) -> Function:
    """The execution is the resource of what is done to it, and a version or alias that of its invocation."""

    def extract(service: str, method: str, path: str, headers: Any, body: bytes, query: Any, *rest: Any) -> Any:
        arn = extract_resource_arn(service, method, path, headers, body, query, *rest)
        match split(path)[1:]:
            case ["durable-executions", execution, *_] if service == "lambda":
                return execution
            case ["durable-execution-callbacks", callback, _] if service == "lambda":
                return json.load(_direct.open(f"{engine}/callbacks/{quote(callback)}"))["arn"] or "*"
            case ["functions", _, "invocations"] if service == "lambda" and query.get("Qualifier"):
                (qualifier,) = query["Qualifier"] if isinstance(query["Qualifier"], list) else [query["Qualifier"]]
                return f"{arn}:{qualifier}"
        return arn

    return extract


def with_engine(handle_request: Function, functions: Any, engine: str) -> Function:
    """Give the engine what is about durable executions, and everything else to ministack."""

    async def handle(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        durable = describe(functions)
        if is_durable(split(path)[1:], headers, durable):
            return await asyncio.to_thread(forward, engine, durable, (method, path, headers, body, query))
        return await handle_request(method, path, headers, body, query)

    return handle


def is_durable(parts: list[str], headers: Mapping[str, str], durable: Mapping[str, Any]) -> bool:
    match parts:
        case ["functions", name, "invocations"]:
            is_worker = name.rpartition(":function:")[2].partition(":")[0] in durable
            return is_worker and headers.get("x-amz-client-context") != ENGINE_CONTEXT
        case ["functions", _, "durable-executions"] | ["durable-executions" | "durable-execution-callbacks", *_]:
            return True
    return False


def describe(functions: Any) -> dict[str, Any]:
    """The functions with a DurableConfig, and the versions that they have."""
    found = {}
    for name, record in functions.items():
        if durable := record["config"].get("DurableConfig"):
            aliases = {alias: each["FunctionVersion"] for alias, each in record["aliases"].items()}
            arn = record["config"]["FunctionArn"]
            versions = {str(each): str(each) for each in record["versions"]} | aliases
            found[name] = {"arn": arn, "durable": durable, "versions": versions}
    return found


def forward(engine: str, durable: Mapping[str, Any], request: tuple[str, str, Any, bytes, Any]) -> Any:
    """The engine's answer to a request."""
    method, path, headers, body, query = request
    address = "/".join(quote(part, safe="") for part in split(path))
    passed = {name: value for name, value in headers.items() if name.lower() in _ASKED}
    passed[FUNCTIONS] = json.dumps(durable)
    url = f"{engine}/{address}?{urlencode(query, doseq=True)}"
    asked = urllib.request.Request(url, body if method == "POST" else None, passed, method=method)  # noqa: S310 - our own engine
    try:
        answer = _direct.open(asked)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        kept = {name: answer.headers[name] for name in _ANSWERED if name in answer.headers}
        return answer.status, kept, answer.read()


def install(engine: str) -> None:
    actions: Any = import_module("ministack.core.iam_actions")
    actions._lambda_action = with_actions(actions._lambda_action)
    actions.extract_resource_arn = with_executions(actions.extract_resource_arn, engine)
    functions: Any = import_module("ministack.services.lambda_svc")
    functions.handle_request = with_engine(functions.handle_request, functions._functions, engine)
