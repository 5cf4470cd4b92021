"""Turn an HTTP request into an event of an HTTP API: payload format 2.0, `$default` route and stage."""

import base64
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from infra.local.gateway.request import HttpRequest

# The client's connection ends at API Gateway, so its hop-by-hop headers stop here (RFC 9110 section 7.6.1).
HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
_TEXT_TYPES = {"application/json", "application/javascript", "application/xml"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """What API Gateway adds to a request: the time of arrival, and its ids."""

    at: datetime
    request_id: str
    trace_id: str

    @classmethod
    def now(cls) -> "Arrival":
        return cls(datetime.now(UTC), str(uuid4()), f"Root=1-{int(time.time()):08x}-{uuid4().hex[:24]}")


def make_event(request: HttpRequest, arrival: Arrival) -> dict[str, Any]:
    """Make the event as AWS does: parts that a request does not have are absent, not null."""
    cookies = [value for name, value in request.headers if name == "cookie"]
    headers = _headers(request, arrival)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        # Decoded for an HTTP API, unlike a REST API or a Function URL.
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": _request_context(request, arrival, headers),
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = [part.strip() for value in cookies for part in value.split(";")]
    if request.query:
        event["queryStringParameters"] = _joined(parse_qsl(request.query, keep_blank_values=True))
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request.body, headers.get("content-type", ""))
    return event


def _headers(request: HttpRequest, arrival: Arrival) -> dict[str, str]:
    own = {"content-length", "cookie", "x-forwarded-port", "x-forwarded-proto"}
    headers = _joined([pair for pair in request.headers if pair[0] not in own | HOP_BY_HOP])
    forwarded = headers.get("x-forwarded-for")
    headers["x-forwarded-for"] = ", ".join(filter(None, (forwarded, request.client_address)))
    headers["x-forwarded-port"] = str(request.server_port)
    headers["x-forwarded-proto"] = "http"
    headers.setdefault("x-amzn-trace-id", arrival.trace_id)
    headers["content-length"] = str(len(request.body))
    return dict(sorted(headers.items()))


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _request_context(request: HttpRequest, arrival: Arrival, headers: dict[str, str]) -> dict[str, Any]:
    domain = _without_port(headers.get("host", "localhost"))
    return {
        "accountId": "123456789012",
        "apiId": "local",
        "domainName": domain,
        "domainPrefix": domain.partition(".")[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.protocol,
            "sourceIp": request.client_address,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": arrival.request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": arrival.at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(arrival.at.timestamp() * 1000),
    }


def _without_port(host: str) -> str:
    """Remove the port. An IPv6 address is in brackets (RFC 3986 section 3.2.2) and contains colons itself."""
    address, bracket, _ = host.partition("]")
    return address + bracket if bracket else host.partition(":")[0]


def _body(body: bytes, content_type: str) -> tuple[str, bool]:
    """The body as the event has it, and whether it is base64."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("text/") or media_type in _TEXT_TYPES or media_type.endswith("+json"):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode("ascii"), True
