"""Failures on demand: wrong answers, late answers, or none."""

import asyncio
from dataclasses import asdict, dataclass, replace

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.local.workos_api.rows import Row

BODIES: dict[int, Row] = {
    400: {"message": "Request could not be processed.", "code": "bad_request"},
    401: {"message": "Unauthorized"},
    403: {"message": "Forbidden"},
    404: {"message": "Not Found"},
    409: {"message": "Request could not be processed.", "code": "conflict"},
    422: {"message": "Validation failed.", "code": "invalid_request_parameters", "errors": []},
    429: {"message": "Too many requests.", "code": "rate_limit_exceeded"},
    500: {"message": "Internal Server Error"},
    502: {"message": "Bad Gateway"},
    503: {"message": "Service Unavailable"},
    504: {"message": "Gateway Timeout"},
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure for calls below a path: for the next `count` calls, or for all until it is cleared."""

    path: str
    status: int | None
    retry_after: int | None
    latency: float
    hang: bool
    count: int | None

    def concerns(self, path: str) -> bool:
        return self.path in ("/", path) or path.startswith(self.path + "/")


class Failures:
    def __init__(self) -> None:
        self._failures: list[Failure] = []

    def add(self, failure: Failure) -> None:
        self._failures.append(failure)

    def clear(self) -> None:
        self._failures.clear()

    def listed(self) -> list[Row]:
        return [asdict(failure) for failure in self._failures]

    def take(self, path: str) -> Failure | None:
        """Find the first failure for the path, and reduce its count by one."""
        for place, failure in enumerate(self._failures):
            if not failure.concerns(path):
                continue
            if failure.count == 1:
                del self._failures[place]
            elif failure.count is not None:
                self._failures[place] = replace(failure, count=failure.count - 1)
            return failure
        return None


class Failing:
    """Passes calls on unless there is a failure for them."""

    def __init__(self, app: ASGIApp, failures: Failures) -> None:
        self._app = app
        self._failures = failures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_call = scope["type"] == "http" and not scope["path"].startswith("/_local/")
        failure = self._failures.take(scope["path"]) if is_call else None
        if failure is None:
            await self._app(scope, receive, send)
            return
        if failure.hang:
            await _outwait(receive)
            return
        await asyncio.sleep(failure.latency)
        await (_answer(failure) or self._app)(scope, receive, send)


async def _outwait(receive: Receive) -> None:
    """Do not answer, and end when the caller has given up."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _answer(failure: Failure) -> ASGIApp | None:
    if failure.status is None:
        return None
    headers = {} if failure.retry_after is None else {"Retry-After": str(failure.retry_after)}
    return JSONResponse(BODIES[failure.status], failure.status, headers)
