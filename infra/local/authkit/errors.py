"""Refusals of the OAuth endpoints, in the shape of RFC 6749 section 5.2."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749 section 5.1


class OAuthError(Exception):
    """A request is refused. `description` is always our own text and never repeats the caller's."""

    def __init__(
        self, code: str, description: str, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.status = status
        self.headers = NO_STORE | dict(headers or {})


class InvalidClientError(OAuthError):
    """The client is unknown or did not prove who it is; AuthKit always answers with a Basic challenge."""

    def __init__(self, description: str) -> None:
        super().__init__("invalid_client", description, 401, {"WWW-Authenticate": 'Basic realm="AuthKit"'})


class InvalidTokenError(OAuthError):
    """The bearer token is not valid for the endpoint (RFC 6750 section 3.1)."""

    def __init__(self, description: str) -> None:
        challenge = f'Bearer error="invalid_token", error_description="{description}"'
        super().__init__("invalid_token", description, 401, {"WWW-Authenticate": challenge})


async def answer_oauth_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, OAuthError):
        raise error
    body = {"error": error.code, "error_description": error.description}
    return JSONResponse(body, status_code=error.status, headers=error.headers)
