"""Hosts, schemes, paths and methods that no decent client sends: every front door gives them a proper answer."""

import re
from itertools import product
from typing import Any

import pytest

from tests.blocks import ROOT
from tests.events import http_api, load_balancer, rest_api
from tests.issuer import ISSUER
from tests.log import Log
from tests.rig import Rig

pytestmark = pytest.mark.matrix

ODD_HOSTS = [
    *("[", "]", "[::1", "a b", "é", "a/b", "a?b", "a@b", "", " ", "\x00", "\n", "::", "[::1]:x", "a:99999", "%"),
]
ODD_SCHEMES = ["no scheme", "", "é", "javascript", "https,http", "HTTPS", "ws", ":", "\x00"]
ROUTES = [
    *("/mcp", "/mcp/", "/healthz", "/", "/nowhere", "/mcp/x", "//", "/[", "/é", "/%ff", "", "\x00"),
    *("/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"),
    *("/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/mcp"),
]
METHODS = [
    *("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "", "É"),
]


def function_url(method: str = "POST", path: str = "/mcp", headers: Any = None, body: Any = None) -> Any:
    """Payload 2.0 too, of a domain of its own."""
    event = http_api(method, path, headers, body)
    event["requestContext"]["domainName"] = "abc.lambda-url.us-east-1.on.aws"
    return event


def http_api_of_payload_1(method: str = "POST", path: str = "/mcp", headers: Any = None, body: Any = None) -> Any:
    """An HTTP API whose integration asks for payload 1.0."""
    event = rest_api(method, path, headers, body)
    del event["resource"]
    return {**event, "version": "1.0"}


def load_balancer_of_lists(method: str = "POST", path: str = "/mcp", headers: Any = None, body: Any = None) -> Any:
    """A load balancer whose target group sends every header as a list."""
    event = load_balancer(method, path, headers, body)
    event["multiValueHeaders"] = {name: [value] for name, value in event.pop("headers").items()}
    return event


DOORS = [http_api, function_url, rest_api, http_api_of_payload_1, load_balancer, load_balancer_of_lists]


@pytest.mark.parametrize("front_door", DOORS)
@pytest.mark.parametrize("path", ROUTES)
def test_no_host_or_scheme_makes_an_error_of_ours(path: str, front_door: Any, log: Log) -> None:
    rig = Rig()
    rig.issuer.documents[f"{ISSUER}/.well-known/oauth-authorization-server"] = b'{"issuer":"%s"}' % ISSUER.encode()
    usual = {method: rig.send(front_door(method, path)).status for method in METHODS}
    odd = [{"host": host} for host in ODD_HOSTS] + [{"x-forwarded-proto": scheme} for scheme in ODD_SCHEMES]
    for method, headers in product(METHODS, [*odd, {"host": "[", "x-forwarded-proto": "é"}]):
        answer = rig.send(front_door(method, path, headers))

        # 400: what is behind a colon must be a port.
        assert answer.status in ({usual[method], 400} if ":" in headers.get("host", "") else {usual[method]})

    assert [line for line in log() if line["level"] == "ERROR"] == []
    assert max(usual.values()) < 500


@pytest.mark.parametrize("front_door", DOORS)
def test_what_else_a_client_writes_makes_no_error_of_ours(front_door: Any, log: Log) -> None:
    rig = Rig()
    odd = ["\ud800", "é", "\x00", "a=%ff&%ff=", "%", "=", "&" * 3000, "[", "a" * 9000, "boundary=", "\n"]
    names = ["cookie", "content-type", "accept", "x-forwarded-for", "x-forwarded-port", "content-length"]
    for path, method in product(["/mcp", "/healthz", "/nowhere"], ["GET", "POST", "PROPFIND"]):
        for value in odd:
            events = [front_door(method, path, {name: value}) for name in names]
            events.append({**front_door(method, path), "rawQueryString": value, "cookies": [value]})
            events.append({**front_door(method, path), "queryStringParameters": {value: value}})
            events.append({**front_door(method, path), "multiValueQueryStringParameters": {value: [value]}})
            for event in events:
                assert rig.send(event).status in {200, 400, 401, 404, 405}

    assert [line for line in log() if line["level"] == "ERROR"] == []


def test_nothing_in_the_function_asks_for_a_url_made_of_the_host() -> None:
    asks = re.compile(r"from fastapi import .*\bRequest\b(.|\n)*(\brequest\.(url|base_url|url_for)\b|\bURL\()")
    found = [file.name for file in (ROOT / "app").rglob("*.py") if asks.search(file.read_text())]

    assert found == []
