import json
from typing import Any

import pytest

from infra.local.gateway.responses import MAX_RESULT_BYTES, HttpResponse, MalformedResult, make_response, refuse


def response(result: object, *, rename_challenge: bool = True) -> HttpResponse:
    return make_response(json.dumps(result).encode(), rename_challenge=rename_challenge)


def test_status_headers_cookies_and_body_become_the_response() -> None:
    result = {
        "statusCode": 201,
        "headers": {"content-type": "application/json", "x-count": 2, "x-flag": True},
        "cookies": ["a=1", "b=2"],
        "body": "é",
        "isBase64Encoded": False,
    }

    assert response(result) == HttpResponse(
        201,
        (
            ("content-type", "application/json"),
            ("x-count", "2"),
            ("x-flag", "true"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
        ),
        "é".encode(),
    )


def test_a_base64_body_is_decoded() -> None:
    assert response({"statusCode": 200, "body": "AAE=", "isBase64Encoded": True}).body == b"\x00\x01"


def test_without_a_content_type_the_body_is_plain_text() -> None:
    assert response({"statusCode": 200, "body": "x"}).headers == (("content-type", "text/plain; charset=utf-8"),)


@pytest.mark.parametrize(
    ("result", "body"), [({"a": 1}, b'{"a": 1}'), ([1], b"[1]"), ("plain", b"plain"), (None, b"null")]
)
def test_a_result_without_a_status_code_is_a_json_body(result: object, body: bytes) -> None:
    assert response(result) == HttpResponse(200, (("content-type", "application/json"),), body)


@pytest.mark.parametrize(
    ("rename", "name"), [(True, "x-amzn-remapped-www-authenticate"), (False, "WWW-Authenticate")]
)
def test_the_challenge_header_is_renamed_where_asked_for(rename: bool, name: str) -> None:
    result = {"statusCode": 401, "headers": {"WWW-Authenticate": "Bearer", "content-type": "application/json"}}

    assert response(result, rename_challenge=rename).headers[0] == (name, "Bearer")


def test_headers_that_the_gateway_makes_itself_are_dropped() -> None:
    result = {
        "statusCode": 200,
        "headers": {"Content-Length": "99", "Transfer-Encoding": "chunked", "Date": "now"},
    }

    assert [name for name, _ in response(result).headers] == ["content-type"]


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "OK"},
        {"statusCode": None},
        {"statusCode": 99},
        {"statusCode": 100},
        {"statusCode": 600},
        {"statusCode": 200, "headers": []},
        {"statusCode": 200, "headers": {"x": ["a"]}},
        {"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b"}},
        {"statusCode": 200, "headers": {"x y": "a"}},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "no base64!", "isBase64Encoded": True},
    ],
)
def test_a_result_that_api_gateway_does_not_understand_is_malformed(result: dict[str, Any]) -> None:
    with pytest.raises(MalformedResult):
        response(result)


def test_a_result_of_exactly_the_limit_passes_and_a_byte_more_does_not() -> None:
    payload = json.dumps("x" * (MAX_RESULT_BYTES - 2)).encode()

    assert len(make_response(payload, rename_challenge=True).body) == MAX_RESULT_BYTES - 2
    with pytest.raises(MalformedResult, match="6,291,557 bytes, Lambda allows 6,291,556"):
        make_response(payload + b" ", rename_challenge=True)


def test_an_answer_of_the_gateway_itself_is_its_json() -> None:
    assert refuse(503, "Service Unavailable") == HttpResponse(
        503, (("content-type", "application/json"),), b'{"message":"Service Unavailable"}'
    )
