"""The engine as an ASGI application, with the processes that run the worker."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

from infra.local.durable.api import Api, Request, Response, split_path
from infra.local.durable.clock import Clock
from infra.local.durable.engine import Engine
from infra.local.durable.errors import ApiError
from infra.local.durable.limits import EngineLimits
from infra.local.durable.store import ExecutionStore
from infra.local.gateway.function import Function
from infra.local.gateway.limits import Limits
from infra.local.gateway.log_lines import shorten
from infra.local.gateway.program import Program
from infra.local.gateway.reload import reload_on_change
from infra.local.gateway.request import Receive, Scope, Send

_REPOSITORY = Path(__file__).parents[3]
_NAME, _ALIAS, _VERSION = "worker", "live", "1"
_FUNCTION_ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{_NAME}"
WORKER_FUNCTION = f"{_FUNCTION_ARN}:{_ALIAS}"
"""What the function is told to invoke, as the alias of a real worker would be."""
_UNTIL_A_PLACE_IS_FREE = 365 * 86400.0


def create_work_server(
    folder: Path,
    *,
    handler: str = "app.worker",
    python_path: Path = _REPOSITORY,
    watch: Sequence[Path] = (),
    limits: EngineLimits = EngineLimits(),  # noqa: B008 - frozen
    clock: Clock | None = None,
    say: Callable[[str], None] = print,
) -> "WorkServer":
    """The durable API for `handler`, a module with a function of that name; `folder` keeps the executions.

    The worker's variables come with `WorkServer.use`, because they name the address of this server. `watch` are
    folders whose changes reload the worker.
    """
    program = Program(handler, python_path.resolve(), {})
    return WorkServer(ExecutionStore(folder), program, say, watch=watch, limits=limits, clock=clock or Clock())


class WorkServer:
    def __init__(
        self,
        store: ExecutionStore,
        program: Program,
        say: Callable[[str], None],
        *,
        watch: Sequence[Path],
        limits: EngineLimits,
        clock: Clock,
    ) -> None:
        self._watch = watch
        self._say = say
        self._loop: asyncio.AbstractEventLoop | None = None
        self._program = program
        self._limits = Limits(
            gateway=_UNTIL_A_PLACE_IS_FREE,
            function=limits.invocation,
            start=limits.start,
            environments=limits.environments,
        )
        # Until there is work, no process of the worker runs, and nothing has to be reloaded.
        self._worker: Function | None = None
        self._engine = Engine(store, self._invoke, _FUNCTION_ARN, limits=limits, clock=clock, say=say)
        self._api = Api(self._engine, _NAME, {_ALIAS: _VERSION, _VERSION: _VERSION})

    def use(self, variables: Mapping[str, str]) -> None:
        """Give the worker these variables, from its next invocation on. Any thread may call it."""
        self._program = replace(self._program, variables=variables)
        if self._loop is not None and self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._reload(), self._loop)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    def close(self) -> None:
        """End the worker's processes now, from any thread. What they were at continues at the next start."""
        if self._loop is not None and self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=5)

    async def _close(self) -> None:
        await self._engine.close()
        if self._worker is not None:
            await self._worker.close()

    async def _invoke(self, event: bytes) -> bytes:
        if self._worker is None:
            self._worker = Function(
                self._program, self._limits, lambda line: self._say(f"worker: {line}"), self._tell
            )
        return await self._worker.invoke(event)

    def _tell(self, line: str) -> None:
        for each in shorten(line, self._program.package):
            self._say(each)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._loop = asyncio.get_running_loop()
        self._engine.resume()
        watching = asyncio.create_task(self._watch_code())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await self._close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _watch_code(self) -> None:
        if self._watch:
            await reload_on_change(self._watch, self._reload, self._say)

    async def _reload(self) -> None:
        if self._worker is not None:
            await self._worker.reload(self._program.variables)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await _read(scope, receive)
        try:
            _require_own_host(request)
            response = self._api.answer(request)
        except ApiError as error:
            document = {"Type": "User", "message": str(error)}
            response = Response(error.status, document, {"x-amzn-errortype": error.code})
        await _send(response, send)


def _require_own_host(request: Request) -> None:
    """Refuse pages that a browser shows: another name may lead here too (DNS rebinding).

    Raises:
        ApiError: the request names another host.
    """
    if request.headers.get("host", "").partition(":")[0] != "127.0.0.1":
        raise ApiError(403, "AccessDeniedException", "the local engine answers to 127.0.0.1 alone")


async def _read(scope: Scope, receive: Receive) -> Request:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return Request(scope["method"], split_path(scope["raw_path"]), query, headers, bytes(body))


async def _send(response: Response, send: Send) -> None:
    body = b"" if response.document is None else json.dumps(response.document, ensure_ascii=False).encode()
    headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
    if response.document is not None:
        headers.append((b"content-type", b"application/json"))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
