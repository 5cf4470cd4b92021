"""Lambda events as each front door makes them (API Gateway 2.0 and 1.0, Function URL, ALB)."""

import base64
import json
from collections.abc import Mapping
from typing import Any

HEADERS = {"host": "mcp.example.com", "x-forwarded-proto": "https", "content-type": "application/json"}


def http_api(
    method: str = "POST", path: str = "/mcp", headers: Mapping[str, str] | None = None, body: Any = None
) -> dict[str, Any]:
    """Payload format 2.0; a body that is not text is sent as JSON, bytes as base64."""
    text = _text(body)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {**HEADERS, **(headers or {})},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abc123",
            "domainName": "mcp.example.com",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "t",
            },
            "requestId": "gateway-request",
            "routeKey": "$default",
            "stage": "$default",
        },
        "isBase64Encoded": isinstance(body, bytes),
        **({} if text is None else {"body": text}),
    }


def rest_api(
    method: str = "POST",
    path: str = "/mcp",
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    several: Mapping[str, list[str]] | None = None,
) -> dict[str, Any]:
    """Payload format 1.0 of a REST API, which keeps several values of one header apart."""
    sent = {**HEADERS, **(headers or {})}
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {**{name: [value] for name, value in sent.items()}, **(several or {})},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"requestId": "gateway-request", "identity": {"sourceIp": "192.0.2.1"}, "stage": "prod"},
        "body": _text(body),
        "isBase64Encoded": False,
    }


def load_balancer(
    method: str = "POST", path: str = "/mcp", headers: Mapping[str, str] | None = None, body: Any = None
) -> dict[str, Any]:
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/t/1"}},
        "httpMethod": method,
        "path": path,
        "queryStringParameters": {},
        "headers": {**HEADERS, **(headers or {})},
        "body": _text(body),
        "isBase64Encoded": False,
    }


def _text(body: Any) -> str | None:
    if body is None or isinstance(body, str):
        return body
    return base64.b64encode(body).decode() if isinstance(body, bytes) else json.dumps(body)
