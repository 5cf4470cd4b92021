"""Turn the function's result into the HTTP response that API Gateway would make of it."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from infra.local.gateway.events import HOP_BY_HOP

MAX_RESULT_BYTES = 6_291_556
"""The number that the Lambda Runtime API names in its own error."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
# Headers that the gateway itself sets.
_OWN = HOP_BY_HOP | {"content-length", "date"}


class MalformedResult(Exception):
    """API Gateway would not understand the function's result; the message says why."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def refuse(status: int, message: str) -> HttpResponse:
    """Make an answer of API Gateway itself, in its own form."""
    body = json.dumps({"message": message}, separators=(",", ":")).encode()
    return HttpResponse(status, (("content-type", "application/json"),), body)


def make_response(payload: bytes, *, rename_challenge: bool) -> HttpResponse:
    """Make the response for one result, by the rules of payload format 2.0.

    Raises:
        MalformedResult: if API Gateway would answer 500.
    """
    if len(payload) > MAX_RESULT_BYTES:
        raise MalformedResult(f"the result has {len(payload):,} bytes, Lambda allows {MAX_RESULT_BYTES:,}")
    result = json.loads(payload)
    if not isinstance(result, dict) or "statusCode" not in result:
        # A result without statusCode is the body itself (payload format 2.0, "inferred").
        body = result.encode() if isinstance(result, str) else payload
        return HttpResponse(200, (("content-type", "application/json"),), body)
    headers = _headers(result.get("headers"), rename_challenge) + _cookies(result.get("cookies"))
    if all(name.lower() != "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain; charset=utf-8"))
    return HttpResponse(_status(result["statusCode"]), tuple(headers), _body(result))


def _status(value: Any) -> int:
    try:
        status = int(value)
    except (TypeError, ValueError):
        raise MalformedResult(f"statusCode is {value!r}") from None
    if not 200 <= status <= 599:
        raise MalformedResult(f"statusCode is {status}")
    return status


def _headers(headers: Any, rename_challenge: bool) -> list[tuple[str, str]]:
    headers = {} if headers is None else headers
    if not isinstance(headers, dict):
        raise MalformedResult("headers is not an object")
    pairs = [_pair(name, value) for name, value in headers.items() if name.lower() not in _OWN]
    # AWS documents this rename for REST APIs. For HTTP APIs reports differ, so the stand-in renames unless
    # REMAP_CHALLENGE=0: what works with the renamed header also works with the original one.
    return [(_renamed(name) if rename_challenge else name, value) for name, value in pairs]


def _renamed(name: str) -> str:
    return "x-amzn-remapped-www-authenticate" if name.lower() == "www-authenticate" else name


def _cookies(cookies: Any) -> list[tuple[str, str]]:
    cookies = [] if cookies is None else cookies
    if not isinstance(cookies, list):
        raise MalformedResult("cookies is not a list")
    return [_pair("set-cookie", cookie) for cookie in cookies]


def _pair(name: str, value: Any) -> tuple[str, str]:
    if isinstance(value, bool | int | float):
        value = json.dumps(value)
    if not isinstance(value, str) or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
        raise MalformedResult(f"the header {name!r} has no name or value that HTTP allows")
    return name, value


def _body(result: dict[str, Any]) -> bytes:
    body, encoded = result.get("body"), result.get("isBase64Encoded", False)
    if body is None:
        return b""
    if not isinstance(body, str):
        raise MalformedResult(f"body is of type {type(body).__name__}, not a string")
    if not encoded:
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedResult("isBase64Encoded is true and body is not base64") from None
