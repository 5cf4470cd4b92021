"""`/_local/failures`: order a failure, list the ordered ones, clear them. WorkOS has no such endpoint."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.local.workos_api.body import Body, read_body
from infra.local.workos_api.errors import InvalidParameters
from infra.local.workos_api.failures import BODIES, Failure, Failures

_MAX_DELAY_SECONDS = 60
_KEYS = ("path", "status", "retry_after", "latency", "hang", "count")


@dataclass(frozen=True, slots=True)
class FailureHook:
    failures: Failures

    async def order(self, request: Request) -> Response:
        self.failures.add(_read(await read_body(request)))
        return self._listed(201)

    async def show(self, _request: Request) -> Response:
        return self._listed()

    async def clear(self, _request: Request) -> Response:
        self.failures.clear()
        return Response(status_code=204)

    def _listed(self, status: int = 200) -> Response:
        return JSONResponse({"failures": self.failures.listed()}, status)


def _read(body: Body) -> Failure:
    body.only(*_KEYS)
    if not body.values.keys() & {"status", "latency", "hang"}:
        raise InvalidParameters("status", "required", "Send status, latency or hang.")
    path = body.optional_text("path") or "/"
    if not path.startswith("/"):
        raise InvalidParameters("path", why='It must begin with "/".')
    status = _whole(body, "status", 100, 599)
    if status is not None and status not in BODIES:
        raise InvalidParameters("status", why=f"Choose from {', '.join(map(str, BODIES))}.")
    return Failure(
        path=path.rstrip("/") or "/",
        status=status,
        retry_after=_whole(body, "retry_after", 0, 86400),
        latency=_seconds(body),
        hang=_truth(body, "hang"),
        count=_whole(body, "count", 1, 1_000_000),
    )


def _whole(body: Body, name: str, least: int, most: int) -> int | None:
    value = body.values.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidParameters(name, why=f"It must be a whole number from {least} to {most}.")
    return value


def _seconds(body: Body) -> float:
    value = body.values.get("latency", 0)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _MAX_DELAY_SECONDS:
        raise InvalidParameters("latency", why=f"It must be a number of seconds, {_MAX_DELAY_SECONDS} at most.")
    return float(value)


def _truth(body: Body, name: str) -> bool:
    value = body.values.get(name, False)
    if not isinstance(value, bool):
        raise InvalidParameters(name, why="It must be true or false.")
    return value
