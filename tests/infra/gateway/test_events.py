from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.gateway.events import Arrival, make_event
from infra.local.gateway.request import HttpRequest

ARRIVAL = Arrival(
    datetime(2026, 11, 23, 9, 5, 7, tzinfo=UTC), "request-1", "Root=1-00000000-000000000000000000000000"
)


def request(**parts: Any) -> HttpRequest:
    values: dict[str, Any] = {
        "method": "POST",
        "path": "/mcp",
        "target_path": "/mcp",
        "query": "",
        "protocol": "HTTP/1.1",
        "headers": (("host", "127.0.0.1:8000"),),
        "body": b"",
        "client_address": "127.0.0.1",
        "server_port": 8000,
    }
    return HttpRequest(**(values | parts))


def event(**parts: Any) -> dict[str, Any]:
    return make_event(request(**parts), ARRIVAL)


def test_a_typical_post_becomes_the_event_that_aws_makes() -> None:
    made = event(
        query="a=1&b=x%20y&a=2",
        headers=(
            ("host", "127.0.0.1:8000"),
            ("user-agent", "client/1"),
            ("content-type", "application/json"),
            ("authorization", "Bearer token"),
            ("cookie", "one=1; two=2"),
        ),
        body=b'{"jsonrpc":"2.0"}',
    )

    assert made == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/mcp",
        "rawQueryString": "a=1&b=x%20y&a=2",
        "cookies": ["one=1", "two=2"],
        "headers": {
            "authorization": "Bearer token",
            "content-length": "17",
            "content-type": "application/json",
            "host": "127.0.0.1:8000",
            "user-agent": "client/1",
            "x-amzn-trace-id": "Root=1-00000000-000000000000000000000000",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "8000",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"a": "1,2", "b": "x y"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": "127.0.0.1",
            "domainPrefix": "127",
            "http": {
                "method": "POST",
                "path": "/mcp",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "client/1",
            },
            "requestId": "request-1",
            "routeKey": "$default",
            "stage": "$default",
            "time": "23/Nov/2026:09:05:07 +0000",
            "timeEpoch": 1795424707000,
        },
        "body": '{"jsonrpc":"2.0"}',
        "isBase64Encoded": False,
    }


def test_parts_that_a_request_does_not_have_are_absent() -> None:
    assert event().keys().isdisjoint({"body", "cookies", "queryStringParameters"})


def test_duplicate_headers_are_joined_by_a_bare_comma() -> None:
    made = event(headers=(("authorization", "Bearer one"), ("authorization", "Bearer two")))

    assert made["headers"]["authorization"] == "Bearer one,Bearer two"


def test_the_raw_path_is_decoded_as_by_an_http_api() -> None:
    made = event(path="/a b", target_path="/a%20b")

    assert (made["rawPath"], made["requestContext"]["http"]["path"]) == ("/a b", "/a b")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "text/plain", "application/vnd.api+json"]
)
def test_text_types_travel_as_text(content_type: str) -> None:
    made = event(headers=(("content-type", content_type),), body="é".encode())

    assert (made["body"], made["isBase64Encoded"]) == ("é", False)


@pytest.mark.parametrize(
    ("content_type", "body", "encoded"),
    [
        ("application/octet-stream", b"\x00\x01", "AAE="),
        ("application/x-www-form-urlencoded", b"a=1", "YT0x"),
        ("", b"{}", "e30="),
        ("application/json", b"\xff", "/w=="),
    ],
)
def test_other_types_and_broken_text_travel_as_base64(content_type: str, body: bytes, encoded: str) -> None:
    made = event(headers=(("content-type", content_type),), body=body)

    assert (made["body"], made["isBase64Encoded"]) == (encoded, True)


def test_forwarding_headers_are_the_gateways_own_and_the_client_adds_no_more_than_a_hop() -> None:
    sent = (("x-forwarded-for", "10.0.0.1"), ("x-forwarded-proto", "https"), ("x-forwarded-port", "443"))

    headers = event(headers=sent)["headers"]

    assert headers["x-forwarded-for"] == "10.0.0.1, 127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("http", "8000")


@pytest.mark.parametrize(
    ("host", "domain", "prefix"),
    [("[::1]:8000", "[::1]", "[::1]"), ("[::1]", "[::1]", "[::1]"), ("a.example:443", "a.example", "a")],
)
def test_the_domain_is_the_host_without_its_port(host: str, domain: str, prefix: str) -> None:
    context = event(headers=(("host", host),))["requestContext"]

    assert (context["domainName"], context["domainPrefix"]) == (domain, prefix)


def test_a_clients_trace_id_is_kept() -> None:
    assert event(headers=(("x-amzn-trace-id", "Root=2"),))["headers"]["x-amzn-trace-id"] == "Root=2"


def test_headers_of_the_clients_own_connection_go_no_further() -> None:
    made = event(headers=(("connection", "keep-alive"), ("transfer-encoding", "chunked")), body=b"abc")

    assert made["headers"].keys().isdisjoint({"connection", "transfer-encoding"})
    assert made["headers"]["content-length"] == "3"
