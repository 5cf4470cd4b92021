"""The gateway as an ASGI application: its limits, its own answers, and one log line per request."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from infra.local.gateway.environment import InvocationFailed
from infra.local.gateway.events import Arrival, make_event
from infra.local.gateway.function import AfterStart, Function, FunctionClosed, NoAnswerInTime
from infra.local.gateway.limits import Limits
from infra.local.gateway.log_lines import shorten
from infra.local.gateway.names import other_name
from infra.local.gateway.program import Program
from infra.local.gateway.reload import follow_files, reload_on_change
from infra.local.gateway.request import (
    MAX_HEAD_BYTES,
    BodyTooLarge,
    ClientGone,
    HttpRequest,
    Receive,
    Scope,
    Send,
    read_request,
)
from infra.local.gateway.responses import HttpResponse, MalformedResult, make_response, refuse

MAX_EVENT_BYTES = 6 * 1024 * 1024
"""Lambda's limit for the event of a synchronous invocation."""
_REPOSITORY = Path(__file__).parents[3]

ReadAgain: TypeAlias = Callable[[], Mapping[str, str] | None]
"""Returns the variables for a restart of the function, or None if no restart is needed."""


def create_gateway(
    environment_variables: Mapping[str, str],
    *,
    handler: str = "app.handler",
    rename_challenge: bool = True,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    watch: Sequence[Path] = (),
    files: Mapping[Path, ReadAgain] = {},
    say: Callable[[str], None] = print,
    raw_log: bool = False,
    after_start: AfterStart | None = None,
    python_path: Path = _REPOSITORY,
) -> "Gateway":
    """An HTTP API with one `$default` route to `handler`, a module with a function of that name.

    `watch` are folders whose changes reload the function, `files` single files, each with what is called when it
    changes. `python_path` is the folder that holds the handler's package. `say` gets each line for the terminal;
    with `raw_log` those of the function as it wrote them. `after_start` runs once for each version of the code.
    """
    program = Program(handler, python_path.resolve(), environment_variables)

    def tell(line: str) -> None:
        for each in [line] if raw_log else shorten(line, program.package):
            say(each)

    base_url = environment_variables.get("BASE_URL", "")
    function = Function(program, limits, say, tell, after_start)
    return Gateway(function, say, base_url=base_url, rename_challenge=rename_challenge, watch=watch, files=files)


class Gateway:
    def __init__(
        self,
        function: Function,
        say: Callable[[str], None],
        *,
        base_url: str,
        rename_challenge: bool,
        watch: Sequence[Path],
        files: Mapping[Path, ReadAgain],
    ) -> None:
        self._function = function
        self._base_url = base_url
        self._rename_challenge = rename_challenge
        self._watch = watch
        self._files = files
        self._say = say
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    def close(self) -> None:
        """End the function and its running invocation now, from any thread. The server stops later."""
        if self._loop is not None and self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._function.close(), self._loop).result(timeout=5)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._loop = asyncio.get_running_loop()
        # Do not wait for the start: the server accepts requests at once, and the first one waits for the import.
        self._function.warm_up()
        watching = [asyncio.create_task(self._watch_code()), asyncio.create_task(self._watch_files())]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for each in watching:
            each.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        await self._function.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _watch_code(self) -> None:
        if self._watch:
            await reload_on_change(self._watch, self._function.reload, self._say)

    async def _watch_files(self) -> None:
        async def react(read_again: ReadAgain) -> None:
            if (variables := read_again()) is not None:
                await self._function.reload(variables)

        await follow_files({file: partial(react, again) for file, again in self._files.items()}, self._say)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        arrival = Arrival.now()
        try:
            response = await self._answer(await read_request(scope, receive), arrival)
        except BodyTooLarge:
            response = refuse(413, "Request Entity Too Large")
        except ClientGone:
            return
        # The path as the client sent it, percent-encoded, so it cannot contain control characters for the
        # terminal.
        path = scope["raw_path"].decode("latin-1")
        milliseconds = round((time.perf_counter() - began) * 1000)
        self._say(f"{time.strftime('%H:%M:%S')} {scope['method']} {path} {response.status} {milliseconds} ms")
        await _send(response, arrival, scope["method"], send)

    async def _answer(self, request: HttpRequest, arrival: Arrival) -> HttpResponse:
        if request.head_size > MAX_HEAD_BYTES:
            return refuse(431, "Request Header Fields Too Large")
        event = json.dumps(make_event(request, arrival), ensure_ascii=False).encode()
        if len(event) > MAX_EVENT_BYTES:
            return refuse(413, "Request Entity Too Large")
        if hint := other_name(request, self._base_url):
            self._say(hint)
            return refuse(421, hint)
        try:
            payload = await self._function.invoke(event)
            return make_response(payload, rename_challenge=self._rename_challenge)
        except (NoAnswerInTime, FunctionClosed) as error:
            return self._fail(503, "Service Unavailable", error)
        except (InvocationFailed, MalformedResult) as error:
            return self._fail(500, "Internal Server Error", error)

    def _fail(self, status: int, message: str, error: Exception) -> HttpResponse:
        if str(error):
            self._say(f"the function failed: {error}")
        return refuse(status, message)


async def _send(response: HttpResponse, arrival: Arrival, method: str, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in response.headers]
    headers.append((b"apigw-requestid", arrival.request_id.encode()))
    has_no_body = response.status in {204, 304}
    if not has_no_body:
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    body = b"" if has_no_body or method == "HEAD" else response.body
    await send({"type": "http.response.body", "body": body})
