"""Read the parameters of OAuth requests: limited in size, and each at most once."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request

from infra.local.authkit.errors import OAuthError

MAX_FORM_BYTES = 64 * 1024
Pairs = list[tuple[str, str]]


async def form_pairs(request: Request) -> Pairs:
    """The fields of an `application/x-www-form-urlencoded` body.

    Raises:
        OAuthError: if the body is of another type, too large or not UTF-8.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request", "The body must be application/x-www-form-urlencoded.")
    body = await bounded_body(request)
    try:
        # RFC 6749 section 3.1: a field without a value counts as missing; parse_qsl drops it.
        return parse_qsl(body.decode(), errors="strict", max_num_fields=100)
    except ValueError:
        raise OAuthError("invalid_request", "The body is not a well-formed form.") from None


async def form(request: Request) -> dict[str, str]:
    return single_values(await form_pairs(request))


async def bounded_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise OAuthError("invalid_request", "The body is too large.")
    return bytes(body)


def single_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Read the parameters, each at most once (RFC 6749 section 3.1).

    Raises:
        OAuthError: if one is repeated; `invalid_target` for `resource` (RFC 8707 section 2),
            which AuthKit takes once, as its tokens have one audience.
    """
    values: dict[str, str] = {}
    for name, value in pairs:
        if name == "resource" and name in values:
            raise OAuthError("invalid_target", "Only one resource may be requested.")
        if name in values:
            raise OAuthError("invalid_request", "A parameter is given more than once.")
        if value:
            values[name] = value
    return values
