"""Durable executions for the local AWS: the engine of `make dev`, with the worker that is deployed there.

exact_durable.py passes here what is about durable executions, once the caller's role allows it. The worker runs in
ministack as every function does: from its artefact, with its variables and the credentials of its role.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from botocore.exceptions import BotoCoreError, ClientError
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local.durable.api import Api, Request, split_path
from infra.local.durable.clock import Clock
from infra.local.durable.engine import Engine
from infra.local.durable.errors import ApiError, NotFound
from infra.local.durable.limits import EngineLimits
from infra.local.durable.store import ExecutionStore
from infra.local.gateway.environment import InvocationFailed
from tests.deploy.exact_durable import ENGINE_CONTEXT, FUNCTIONS, name_action

_KEY = re.compile(r"Credential=([^/]+)/")


class DurableExecutions:
    """An application, with one engine for each worker."""

    def __init__(self, folder: Path, connect: Callable[[], Any]) -> None:
        """`folder` keeps the executions; `connect` makes boto3's client for Lambda."""
        self._folder = folder
        self._connect = connect
        self._engines: dict[str, Engine] = {}
        self.asked: set[tuple[str, str]] = set()
        """Actions that were asked of this, each with the access key of who asked."""
        self.app = Starlette(routes=[Route("/{path:path}", self._serve, methods=["GET", "POST"])])

    async def _serve(self, http: HttpRequest) -> Response:
        functions = json.loads(http.headers.get(FUNCTIONS, "{}"))
        path = split_path(http.scope["raw_path"])
        query = parse_qs(http.scope["query_string"].decode(), keep_blank_values=True)
        request = Request(http.method, path, query, http.headers, await http.body())
        if path[0] == "callbacks":
            return JSONResponse({"arn": self._find_execution(path[1])})
        key = _KEY.search(http.headers.get("authorization", ""))
        self.asked.add((key[1] if key else "", str(name_action(http.method, path))))
        try:
            answer = self._answer(functions, request)
        except ApiError as error:
            document = {"Type": "User", "message": str(error)}
            return JSONResponse(document, error.status, {"x-amzn-errortype": error.code})
        if answer.document is None:
            return Response(status_code=answer.status, headers=dict(answer.headers))
        return JSONResponse(answer.document, answer.status, dict(answer.headers))

    def _answer(self, functions: Mapping[str, Any], request: Request) -> Any:
        refusal: ApiError = NotFound("Function not found")
        for name, function in functions.items():
            try:
                return self._make_api(name, function).answer(request)
            except NotFound as error:  # another function's, or nobody's
                refusal = error
        raise refusal

    def _make_api(self, name: str, function: Mapping[str, Any]) -> Api:
        limits = EngineLimits(
            execution=function["durable"]["ExecutionTimeout"],
            retention=function["durable"]["RetentionPeriodInDays"] * 86400.0,
            retry=1.0,
        )
        if name not in self._engines:
            store = ExecutionStore(self._folder / name)
            self._engines[name] = Engine(
                store, self._invoke, function["arn"], limits=limits, clock=Clock(), say=print
            )
        return Api(self._engines[name], name, function["versions"], limits)

    def _find_execution(self, callback: str) -> str | None:
        executions = [each for engine in self._engines.values() for each in engine.executions]
        return next((each.arn for each in executions if each.find_callback(callback)), None)

    async def _invoke(self, event: bytes) -> bytes:
        arn = json.loads(event)["DurableExecutionArn"].partition("/")[0]
        function, _, version = arn.rpartition(":")
        try:
            answer = await asyncio.to_thread(
                self._connect().invoke,
                FunctionName=function,
                Qualifier=version,
                ClientContext=ENGINE_CONTEXT,
                Payload=event,
            )
        except (BotoCoreError, ClientError) as error:
            raise InvocationFailed(str(error)) from error
        payload: bytes = answer["Payload"].read()
        if "FunctionError" in answer:
            raise InvocationFailed(payload.decode())
        return payload
