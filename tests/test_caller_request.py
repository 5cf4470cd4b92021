"""The request as an author has it: what the client says about itself, where it comes from, and no credential."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib import import_module
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.authoring import CallerRequest, HeaderRefused, NoRequest, get_request
from app.authoring.request import is_credential
from app.http.caller import find_client_ip
from app.protocol.catalogue.definition import CatalogueError
from tests.blocks import ROOT, blocks
from tests.events import http_api, load_balancer, rest_api
from tests.packages import Write
from tests.rig import ERAS, MODERN, Answer, Rig, message

TOOLS = """
from dataclasses import asdict
from typing import Any
from app.authoring import CallerRequest, CurrentRequest, check, get_request, prompt, tool

async def from_europe(request: CurrentRequest) -> bool:
    return request.header("x-region") == "eu"

@tool()
async def describe(request: CurrentRequest) -> dict[str, Any]:
    "Describe the request."
    return {**asdict(request), "region": request.header("X-Region")}

@tool()
def describe_in_a_thread() -> str | None:
    "Describe it far below."
    return get_request().user_agent

@tool(requires=check(from_europe, needs="to be in Europe"))
async def only_europe() -> str:
    "Answer Europe."
    return "welcome"

@tool()
async def read_login(request: CurrentRequest) -> str | None:
    "Read what nobody may."
    return request.header("Authorization")
"""
PAGE = ROOT.joinpath("docs/calls.md").read_text()
FIELDS = {
    *("client_name", "client_version", "protocol_version", "rpc_id", "request_id", "client_ip", "user_agent"),
    *("headers", "region"),
}


@dataclass(frozen=True)
class Invocation:
    aws_request_id: str


@pytest.fixture
def rig(write: Write) -> Rig:
    return Rig(tools=write(tools=TOOLS))


def described(answer: Answer) -> dict[str, Any]:
    result: dict[str, Any] = answer.json["result"]["structuredContent"]
    return result


def call(rig: Rig, tool: str, **options: Any) -> Answer:
    return rig.exchange("tools/call", {"name": tool, "arguments": {}}, **options)


@pytest.mark.parametrize("version", ERAS)
def test_a_tool_learns_who_sent_the_request_and_from_where(rig: Rig, version: str) -> None:
    headers = {"user-agent": "Inspector/1", "x-region": "eu"}

    seen = described(call(rig, "describe", version=version, headers=headers))

    assert seen.keys() == FIELDS
    assert (seen["protocol_version"], seen["rpc_id"], seen["client_ip"]) == (version, 1, "192.0.2.1")
    assert (seen["user_agent"], seen["region"], seen["headers"]["host"]) == (
        "Inspector/1",
        "eu",
        "mcp.example.com",
    )
    client = ("test", "1") if version == MODERN else (None, None)
    assert (seen["client_name"], seen["client_version"]) == client


def test_the_id_of_the_request_is_the_one_of_the_log(write: Write) -> None:
    rig = Rig(tools=write(tools=TOOLS), context=Invocation("lambda-request"))

    assert described(call(rig, "describe"))["request_id"] == "lambda-request"
    rig.context = None
    assert described(call(rig, "describe"))["request_id"] is None


@pytest.mark.parametrize("version", ERAS)
def test_functions_below_and_in_threads_and_checks_see_it_too(rig: Rig, version: str) -> None:
    assert call(rig, "describe_in_a_thread", version=version, headers={"user-agent": "me"}).json["result"][
        "structuredContent"
    ] == {"result": "me"}
    abroad = call(rig, "only_europe", version=version).json["result"]["content"][0]["text"]
    at_home = call(rig, "only_europe", version=version, headers={"x-region": "eu"}).json["result"]
    assert abroad == "You may not use this: you need to be in Europe."
    assert at_home["content"][0]["text"] == "welcome"


def test_no_tool_reads_the_login_of_its_caller(rig: Rig) -> None:
    logins = {
        "cookie": "a=b",
        "proxy-authorization": "p",
        "x-amzn-remapped-authorization": "r",
        "x-api-key": "k",
        "x-amzn-oidc-data": "o",
        "x_amz_security_token": "t",
    }

    headers = described(call(rig, "describe", headers=logins))["headers"]
    refused = call(rig, "read_login").json["result"]["content"][0]["text"]

    assert not logins.keys() & headers.keys()
    assert "authorization" not in headers
    assert "Bearer" not in str(headers)
    assert refused == "The tool failed unexpectedly. The cause is in the server's log."


@pytest.mark.parametrize(
    ("name", "is_refused"),
    [
        *((name, True) for name in ("Authorization", "COOKIE", "Set-Cookie", "X-Auth-Token", "X-ApiKey", "DPoP")),
        *((name, True) for name in ("X-Auth", "X-Auth-Key", "X-Passwd", "OK-Access-Passphrase", "Master-Key")),
        *((name, True) for name in ("Ocp-Apim-Subscription-Key", "X-Functions-Key", "Cf-Access-Jwt-Assertion")),
        *((name, False) for name in ("Idempotency-Key", "User-Agent", "Accept-Language", "Mcp-Session-Id")),
    ],
)
def test_headers_of_credentials_are_refused_by_their_names(name: str, is_refused: bool) -> None:
    request = CallerRequest(headers={name.lower(): "value"})

    assert is_credential(name) is is_refused
    if is_refused:
        with pytest.raises(HeaderRefused, match="take the caller as session: CurrentSession"):
            request.header(name)
    else:
        assert request.header(name) == "value"


@pytest.mark.parametrize(
    ("info", "name", "version"),
    [
        ({"name": "n" * 5000, "version": "v" * 5000}, "n" * 200, "v" * 200),
        ({"name": "a\nb\u202e", "version": "1"}, "a\ufffdb\ufffd", "1"),
    ],
)
def test_what_a_client_says_about_itself_is_bounded_and_printable(
    rig: Rig, info: dict[str, Any], name: str, version: str
) -> None:
    headers, body = message("tools/call", {"name": "describe", "arguments": {}})
    body["params"]["_meta"]["io.modelcontextprotocol/clientInfo"] = info
    body["id"] = "i" * 5000

    answer = rig.request(token=rig.issuer.token(), headers={**headers, "user-agent": "u" * 5000}, body=body)

    seen = described(answer)
    assert (seen["client_name"], seen["client_version"]) == (name, version)
    assert (seen["rpc_id"], seen["user_agent"]) == ("i" * 200, "u" * 200)


def test_a_client_that_does_not_name_itself_has_no_name(rig: Rig) -> None:
    headers, body = message("tools/call", {"name": "describe", "arguments": {}})
    del body["params"]["_meta"]["io.modelcontextprotocol/clientInfo"]

    seen = described(rig.request(token=rig.issuer.token(), headers=headers, body=body))

    assert (seen["client_name"], seen["client_version"], seen["user_agent"]) == (None, None, None)


FORGED = "203.0.113.9, 198.51.100.7"


@pytest.mark.parametrize(
    ("make_event", "forwarded", "seen"),
    [
        (http_api, FORGED, "192.0.2.1"),
        (rest_api, FORGED, "192.0.2.1"),
        (load_balancer, FORGED, "198.51.100.7"),
        (load_balancer, "203.0.113.9, 198.51.100.7:4711", "198.51.100.7"),
        (load_balancer, "203.0.113.9, 2001:db8::1", "2001:db8::1"),
        (load_balancer, "203.0.113.9, [2001:db8::1]:4711", "2001:db8::1"),
        (load_balancer, "198.51.100.7, somewhere", None),
        (load_balancer, "", None),
    ],
)
def test_the_address_is_the_one_that_aws_saw(
    rig: Rig, make_event: Callable[..., dict[str, Any]], forwarded: str, seen: str | None
) -> None:
    headers, body = message("tools/call", {"name": "describe", "arguments": {}})
    sent = {**headers, "x-forwarded-for": forwarded, "authorization": f"Bearer {rig.issuer.token()}"}

    assert described(rig.send(make_event(headers=sent, body=body)))["client_ip"] == seen


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        ({"client": ("127.0.0.1", 4711)}, "127.0.0.1"),
        ({"client": None}, None),
        ({"client": ("testclient", 1)}, None),
        ({"aws.event": {"requestContext": {}}, "client": ("192.0.2.1", 0)}, None),
        ({"aws.event": {"requestContext": {"http": {"sourceIp": 7}}}}, None),
    ],
)
def test_without_an_address_that_somebody_vouches_for_there_is_none(
    scope: dict[str, Any], seen: str | None
) -> None:
    assert find_client_ip(scope) == seen


def test_outside_a_call_there_is_no_request() -> None:
    with pytest.raises(NoRequest, match=r"pass a CallerRequest\(\) in your test"):
        get_request()


@pytest.mark.parametrize("version", ERAS)
def test_it_is_in_no_schema(rig: Rig, version: str) -> None:
    listed = rig.exchange("tools/list", version=version).json["result"]["tools"]

    assert [tool["inputSchema"].get("properties", {}) for tool in listed] == [{}, {}, {}, {}]


def test_as_an_argument_it_stops_the_start(write: Write) -> None:
    code = (
        "from app.authoring import CallerRequest, tool\n"
        "@tool()\nasync def f(request: CallerRequest | None = None) -> str:\n    'D.'\n"
    )

    with pytest.raises(CatalogueError, match="request: CurrentRequest"):
        Rig(tools=write(f=code))
    with pytest.raises(TypeError, match="request: CurrentRequest"):
        TypeAdapter(CallerRequest)


@pytest.mark.parametrize("version", ERAS)
def test_the_tool_of_the_page_on_calls_that_reads_the_request_works_as_written(version: str, write: Write) -> None:
    code = blocks("python", "docs/calls.md")[1]
    package = write(say_hello=code)
    rig, tool = Rig(tools=package), import_module(f"{package.__name__}.say_hello").say_hello

    french = rig.call("say_hello", version=version, headers={"accept-language": "fr-CH"})
    english = rig.call("say_hello", version=version)

    assert (french["content"][0]["text"], english["content"][0]["text"]) == ("Bonjour", "Hello")
    assert asyncio.run(tool(CallerRequest(headers={"accept-language": "fr"}))) == "Bonjour"


def test_the_page_on_calls_names_every_field() -> None:
    rows = re.findall(r"^\| (`.+?) \| .* \| (?:nobody|AWS|Lambda) \|$", PAGE, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]

    assert named == [each.name for each in fields(CallerRequest)]
