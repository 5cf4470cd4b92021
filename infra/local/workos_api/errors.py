"""Errors in the form of the WorkOS API: a message, often with a code and the wrong fields."""

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_MAX_LINE_LENGTH = 300
"""Characters of one line in the terminal."""


class ApiError(Exception):
    """A request is refused; `body` is the answer that WorkOS would give."""

    def __init__(self, status: int, message: str, code: str | None = None, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, **({"code": code} if code else {}), **more}


class EntityNotFound(ApiError):
    """No entity of this kind has the id."""

    def __init__(self, kind: str, id_: str) -> None:
        super().__init__(404, f"{kind} not found: '{id_}'.", "entity_not_found", entity_id=id_)


class InvalidParameters(ApiError):
    """A parameter or a field of the body is missing or has the wrong type."""

    def __init__(self, field: str, code: str = "invalid", why: str | None = None) -> None:
        error = {"field": field, "code": code, **({"message": why} if why else {})}
        super().__init__(422, "Validation failed.", "invalid_request_parameters", errors=[error])


class Unprocessable(ApiError):
    """The request is well-formed, but WorkOS refuses it; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(400, "Request could not be processed.", code)


async def answer_api_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ApiError):
        raise error
    return JSONResponse(error.body, error.status)


class UnknownRoutes:
    """Answer requests that the stand-in does not support, and tell the developer's terminal.

    The same call may work with WorkOS. A wrong method gets the same answer, because callers of the SDK do not
    choose methods.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    async def answer(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        message = f"The local WorkOS API has no {request.method} {request.url.path}; production may have it."
        self._say(f"  {message[:_MAX_LINE_LENGTH]}")
        return JSONResponse({"message": message, "code": "not_found"}, 404)
