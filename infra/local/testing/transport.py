"""The way of a request in this process: HTTP to a Lambda event, the handler, and its result back to HTTP."""

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote

import httpx2
from mcp.shared.exceptions import MCPError

from app.authoring.testing import CallFailed
from infra.local.gateway.events import Arrival, make_event
from infra.local.gateway.request import HttpRequest
from infra.local.gateway.responses import HttpResponse, make_response

T = TypeVar("T")
Handler = Callable[[Any, Any], dict[str, Any]]

# The handler runs an event loop of its own, so it cannot run in the thread of the test's loop. One thread serves
# all: on AWS too, an environment has one event at a time.
_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="function")


async def run_in_function_thread(function: Callable[[], T]) -> T:
    """Run what belongs to the function where it runs."""
    return await asyncio.get_running_loop().run_in_executor(_THREAD, function)


class _LastFailure(logging.Handler):
    """Keeps what a tool raised that is not for callers, which the server only logs."""

    error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.error = record.exc_info[1] if record.exc_info else self.error


_last_failure = _LastFailure(logging.ERROR)
logging.getLogger("app.protocol").addHandler(_last_failure)


class HandlerTransport(httpx2.AsyncBaseTransport):
    """Carries a client's requests to the handler, as API Gateway does."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._refusal: tuple[int, str] | None = None
        self._failure: BaseException | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        event = make_event(_read_request(request, await request.aread()), Arrival.now())
        result = await run_in_function_thread(partial(self._serve, event))
        response = make_response(json.dumps(result).encode(), rename_challenge=False)
        self._refusal = _read_refusal(response)
        return httpx2.Response(response.status, headers=list(response.headers), content=response.body)

    def _serve(self, event: dict[str, Any]) -> dict[str, Any]:
        _last_failure.error = None
        result = self._handler(event, None)
        self._failure = _last_failure.error
        return result

    def explain(self, error: Exception) -> Exception:
        """What a test reads instead of the client's error, which lacks the refusal and the tool's exception."""
        while isinstance(error, ExceptionGroup):  # of the client's tasks, one of which failed
            error = error.exceptions[0]
        if self._refusal is not None:
            status, text = self._refusal
            return CallFailed(text, status)
        explained = CallFailed(error.message, error.code) if isinstance(error, MCPError) else error
        if isinstance(explained, CallFailed):
            explained.__cause__ = self._failure
        return explained


def _read_refusal(response: HttpResponse) -> tuple[int, str] | None:
    """The status and the text of a refusal, which has the challenge as its body (RFC 6750 section 3)."""
    if response.status not in (401, 403, 503):
        return None
    body = json.loads(response.body)
    scope = f" (scope: {body['scope']})" if "scope" in body else ""
    return response.status, f"{body['error']}: {body['error_description']}{scope}"


def _read_request(request: httpx2.Request, body: bytes) -> HttpRequest:
    target = request.url.raw_path.decode("ascii")
    path, _, query = target.partition("?")
    return HttpRequest(
        method=request.method,
        path=unquote(path),
        target_path=path,
        query=query,
        protocol="HTTP/1.1",
        headers=tuple((name.lower(), value) for name, value in request.headers.multi_items()),
        body=body,
        client_address="127.0.0.1",
        server_port=443,
    )
