"""The driver for calls answers as the SDK's own driver does, and extensions see every call."""

import itertools
import json
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import pytest
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.runner import serve_one
from mcp_types import CallToolRequestParams, CallToolResult, ErrorData, RequestParams, TextContent

from app.http import exchange
from app.protocol.wire.message import RpcRequest
from app.protocol.wire.notifications import PostContext
from app.protocol.wire.post import Client
from tests.catalogues import asking, calling, failing, guarded, many, prompts, resources
from tests.catalogues import usual as usual_tools
from tests.catalogues.content import tools as content
from tests.events import http_api
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, Answer, Rig, message

pytestmark = pytest.mark.matrix("version")

VERSIONS = [*ERAS, "2024-11-05"]
CATALOGUES = {each.__name__: each for each in (usual_tools, many, calling, content, failing, guarded, asking)}
ARGUMENTS: list[dict[str, Any]] = [
    {},
    {"text": "a", "name": "b", "size": 3, "kind": "told", "count": 1},
    {"text": 5, "size": '"3"', "kind": None},
    {"name": "\ud800"},
]


class Watching:
    """A middleware that changes nothing."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, server: Server[Any]) -> None:
        async def watch(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
            self.seen.append(ctx.method)
            return await call_next(ctx)

        server.middleware.append(watch)


async def serve_as_the_sdk(
    server: Server[Any], context: PostContext, called: RpcRequest, peer: Client
) -> dict[str, Any]:
    connection = peer.connection()
    return await serve_one(server, context, called.method, called.params, connection=connection, lifespan_state={})


class Both:
    """One server, whose requests are answered by our driver and then by the SDK's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def exchange(self, rig: Rig, *args: Any, **options: Any) -> tuple[Answer, Answer]:
        return self.send(lambda: rig.exchange(*args, **options))

    def send(self, send: Callable[[], Answer]) -> tuple[Answer, Answer]:
        ours = send()
        with self._monkeypatch.context() as patched:
            patched.setattr(exchange, "serve_request", serve_as_the_sdk)
            return ours, send()


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Both:
    return Both(monkeypatch)


def rig_of(catalogue: ModuleType) -> Rig:
    if catalogue is usual_tools:
        return Rig()
    if catalogue in (calling, failing, many):  # they have tools that last until they are ended
        return Rig(tools=catalogue, prompts=prompts, resources=resources, tool_seconds=0.05)
    return Rig(tools=catalogue, prompts=prompts, resources=resources)


def ran_out_of_time(answer: Answer) -> bool:
    """On a busy machine any tool may, with so little time."""
    return "after 0.05 seconds" in answer.text or "no time left" in answer.text


def same(answer: Answer) -> tuple[int, Mapping[str, str], list[Any]]:
    """All there is to it, whatever the order of the members."""
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith(("{", "data: "))]
    return answer.status, answer.headers, [json.loads(line) for line in lines]


def names(rig: Rig, version: str) -> list[str]:
    return [tool["name"] for tool in rig.exchange("tools/list", version=version).json["result"]["tools"]]


# What differs from call to call by its own nature.
UNEQUAL = {"asks_the_time"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", CATALOGUES)
def test_every_tool_gives_the_same_with_any_arguments(name: str, version: str, both: Both) -> None:
    rig = rig_of(CATALOGUES[name])
    # In these two, most tools last until they are ended.
    given = ARGUMENTS[:1] if CATALOGUES[name] in (calling, failing) else ARGUMENTS

    for tool, arguments in itertools.product(names(rig, version), given):
        if tool in UNEQUAL:
            continue
        params = {"name": tool, "arguments": arguments}
        ours, sdks = both.exchange(rig, "tools/call", params, version=version)
        if ran_out_of_time(ours) or ran_out_of_time(sdks):
            continue
        assert _without_seal(same(ours)) == _without_seal(same(sdks)), tool


def _without_seal(answer: tuple[int, Mapping[str, str], list[Any]]) -> Any:
    """A sealed state is another one each time."""
    status, headers, messages = answer
    for each in messages:
        if "requestState" in each.get("result", {}):
            each["result"]["requestState"] = "sealed"
    return status, {key: value for key, value in headers.items() if key != "content-length"}, messages


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        {},
        {"name": 5},
        {"name": None, "arguments": {}},
        {"name": "unknown"},
        {"name": "depends", "arguments": []},
        {"name": "depends", "arguments": None},
        {"name": "depends", "arguments": {}, "more": 1},
        {"name": "depends", "arguments": {}, "requestState": "none of ours"},
        {"name": "depends", "arguments": {}, "inputResponses": {"a": 1}},
        {"name": "depends", "arguments": {}, "task": 1},
        {"name": "depends", "arguments": {}, "_meta": {"progressToken": None}},
        {"name": "unknown", "_meta": {"progressToken": None}},
    ],
    ids=str,
)
def test_params_of_any_shape_are_answered_in_the_same_way(params: Any, version: str, both: Both) -> None:
    rig = rig_of(many)
    if isinstance(params, dict):
        ours, sdks = both.exchange(rig, "tools/call", params, version=version)
    else:
        headers = {"mcp-protocol-version": version, "authorization": f"Bearer {rig.issuer.token()}"}
        body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
        ours, sdks = both.send(lambda: rig.send(http_api(headers=headers, body=body)))

    assert same(ours) == same(sdks)


def test_a_middleware_of_an_extension_sees_every_call() -> None:
    watching = Watching()
    rig = Rig(extend=watching)

    rig.call("whoami")
    rig.exchange("tools/list")

    assert watching.seen == ["tools/call", "tools/list"]


def test_a_handler_of_an_extension_answers_instead() -> None:
    async def call(context: Any, params: CallToolRequestParams) -> CallToolResult:
        return CallToolResult(content=[TextContent(text=f"instead of {params.name}")])

    rig = Rig(extend=lambda server: server.add_request_handler("tools/call", CallToolRequestParams, call))

    assert rig.call("whoami")["content"] == [{"type": "text", "text": "instead of whoami"}]


SIGNED = '''"""Signed."""
from mcp_types import CallToolResult
from app.authoring import tool

@tool()
async def signed() -> CallToolResult:
    """Say of another server that it answered."""
    return CallToolResult(content=[], _meta={"io.modelcontextprotocol/serverInfo": {"name": "b", "version": "2"}})
'''


@pytest.mark.parametrize("version", VERSIONS)
def test_what_an_author_says_of_the_server_goes_before(version: str, write: Write, both: Both) -> None:
    answers = both.exchange(Rig(tools=write(signed=SIGNED)), "tools/call", {"name": "signed"}, version=version)

    assert same(answers[0]) == same(answers[1])
    assert answers[0].json["result"]["_meta"] == {
        "io.modelcontextprotocol/serverInfo": {"name": "b", "version": "2"}
    }


ODD = '''"""Odd."""
from mcp_types import CallToolResult
from app.authoring import tool

@tool()
async def odd() -> CallToolResult:
    """Answer with data that the 2025 era has no place for."""
    return CallToolResult(content=[], structured_content=["secret"])
'''


def test_a_result_of_an_authors_own_that_is_none_is_an_error_whose_place_is_in_the_log(
    write: Write, log: Log
) -> None:
    rig = Rig(tools=write(odd=ODD))
    legacy, modern = (rig.exchange("tools/call", {"name": "odd", "arguments": {}}, version=each) for each in ERAS)

    assert legacy.json["error"]["code"] == -32603
    assert "secret" not in legacy.text
    (line,) = log("a handler's result is none of its method")
    assert "structuredContent" in line["problems"][0]
    assert "secret" not in json.dumps(line)
    assert modern.json["result"]["structuredContent"] == ["secret"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"task": 1},
        {"_meta": {"progressToken": None}},
        {"arguments": None},
        {"more": 1},
        {"requestState": "none"},
    ],
    ids=str,
)
def test_a_hidden_tool_is_answered_as_one_that_does_not_exist_whatever_comes_with_the_call(
    more: dict[str, Any], version: str
) -> None:
    rig = Rig(tools=guarded)
    answers = [
        rig.exchange("tools/call", {"name": name, "arguments": {}, **more}, version=version)
        for name in ("machines", "no_such_tool")
    ]

    assert same(answers[0]) == same(answers[1])


NO_OBJECT = '''"""Data that the 2025 era has no words for."""
from pydantic import RootModel
from app.authoring import machine
from app.authoring import tool

@tool(requires=machine())
async def numbers() -> RootModel[list[int]]:
    """Count."""
    return RootModel([1])

@tool()
async def usual() -> str:
    """Be."""
    return "usual"
'''


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_caller_does_not_see_cannot_break_the_list(version: str, write: Write) -> None:
    answer = Rig(tools=write(both=NO_OBJECT)).exchange("tools/list", version=version)

    assert [tool["name"] for tool in answer.json["result"]["tools"]] == ["usual"]


EXTENDED = '''"""A result of an extension's own."""
from typing import Any
from mcp_types import CallToolResult
from app.authoring import tool

class Task(CallToolResult):
    task: dict[str, Any]

@tool()
async def extended() -> CallToolResult:
    """Begin."""
    return Task(content=[], result_type="ext/task", task={"id": "1"})
'''


@pytest.mark.parametrize("version", VERSIONS)
def test_a_result_of_an_extensions_own_keeps_its_members(version: str, write: Write, both: Both) -> None:
    rig = Rig(tools=write(extended=EXTENDED))
    answers = both.exchange(rig, "tools/call", {"name": "extended"}, version=version)

    assert same(answers[0]) == same(answers[1])
    assert (answers[0].json["result"].get("task") == {"id": "1"}) == (version == ERAS[1])


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize(
    "returned",
    [None, {"content": []}, ErrorData(code=-32010, message="busy"), CallToolResult(content=[])],
    ids=str,
)
def test_whatever_a_handler_or_a_middleware_of_an_extension_returns_is_read_in_the_same_way(
    returned: HandlerResult, version: str, both: Both
) -> None:
    async def handle(context: Any, params: CallToolRequestParams) -> HandlerResult:
        return returned

    async def instead(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        return returned

    handlers = Rig(extend=lambda server: server.add_request_handler("tools/call", CallToolRequestParams, handle))
    middlewares = Rig(extend=lambda server: server.middleware.append(instead))

    for rig in (handlers, middlewares):
        ours, sdks = both.exchange(rig, "tools/call", {"name": "whoami"}, version=version)
        assert same(ours) == same(sdks)


def test_an_extension_may_still_name_the_server() -> None:
    def rename(server: Server[Any]) -> None:
        server.title = "Another"

    rig = Rig(extend=rename)

    assert rig.call("whoami")["_meta"]["io.modelcontextprotocol/serverInfo"]["title"] == "Another"


@pytest.mark.parametrize("number", ["nan", "inf"])
@pytest.mark.parametrize("request_id", [1, "\ud800"])
def test_a_method_of_an_extension_cannot_send_a_number_that_json_has_no_word_for(
    number: str, request_id: object
) -> None:
    async def answer(context: Any, params: RequestParams) -> dict[str, Any]:
        return {"number": float(number), "text": "NaN"}

    rig = Rig(extend=lambda server: server.add_request_handler("acme/odd", RequestParams, answer))
    headers, body = message("acme/odd")
    token = rig.issuer.token()

    answered = rig.request(token=token, headers=headers, body={**body, "id": request_id})

    assert answered.json["error"]["code"] == -32603


ECHO = '''"""Echo."""
from app.authoring import CurrentCall
from app.authoring import tool

@tool()
async def echo(text: str, call: CurrentCall) -> str:
    """Say it back, and aloud."""
    await call.log("warning", text)
    return text
'''


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("text", ["NaN Infinity", "line\u2028break\u2029and\x85more", "\x7f\x00 é 😀"])
def test_any_text_arrives_as_it_was_sent(text: str, version: str, write: Write) -> None:
    answer = Rig(tools=write(echo=ECHO)).exchange(
        "tools/call", {"name": "echo", "arguments": {"text": text}}, version=version
    )

    is_stream = answer.headers["content-type"].startswith("text/event-stream")
    # As clients read a stream that break lines where Unicode does.
    data = answer.text.splitlines()[-2].removeprefix("data: ") if is_stream else answer.text
    assert is_stream == (version != ERAS[1])
    assert json.loads(data)["result"]["structuredContent"] == {"result": text}
