"""What is served directly is answered as the SDK would answer it."""

import itertools
import json
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp_types import CallToolRequestParams, CallToolResult, RequestParams, TextContent

from tests.catalogues import asking, calling, failing, guarded, many, prompts, resources
from tests.catalogues import usual as usual_tools
from tests.catalogues.content import tools as content
from tests.events import http_api
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, Answer, Rig, message

VERSIONS = [*ERAS, "2024-11-05"]
CATALOGUES = {each.__name__: each for each in (usual_tools, many, calling, content, failing, guarded, asking)}
ARGUMENTS: list[dict[str, Any]] = [
    {},
    {"text": "a", "name": "b", "size": 3, "kind": "told", "count": 1},
    {"text": 5, "size": '"3"', "kind": None},
    {"name": "\ud800"},
]


class Watching:
    """A middleware that changes nothing: with it, the SDK serves every call."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, server: Server[Any]) -> None:
        async def watch(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
            self.seen.append(ctx.method)
            return await call_next(ctx)

        server.middleware.append(watch)


def both(catalogue: ModuleType) -> tuple[Rig, Rig]:
    usual, watching = (
        Rig(tools=catalogue, prompts=prompts, resources=resources, page_size=3, tool_seconds=0.05, extend=extend)
        if catalogue is not usual_tools
        else Rig(extend=extend)
        for extend in (lambda server: None, Watching())
    )
    return usual, watching


def same(answer: Answer) -> tuple[int, Mapping[str, str], list[Any]]:
    """All there is to it, whatever the order of the members."""
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith(("{", "data: "))]
    return answer.status, answer.headers, [json.loads(line) for line in lines]


def names(rig: Rig, version: str) -> list[str]:
    found, cursor = [], None
    for _ in range(100):
        result = rig.exchange("tools/list", {"cursor": cursor} if cursor else {}, version=version).json["result"]
        found += [tool["name"] for tool in result["tools"]]
        if (cursor := result.get("nextCursor")) is None:
            return found
    raise AssertionError("the list never ends")


# What differs from call to call by its own nature.
UNEQUAL = {"asks_the_time"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", CATALOGUES)
def test_every_tool_gives_the_same_with_any_arguments(name: str, version: str) -> None:
    usual, watching = both(CATALOGUES[name])
    # In these two, most tools last until they are ended.
    given = ARGUMENTS[:1] if CATALOGUES[name] in (calling, failing) else ARGUMENTS

    for tool, arguments in itertools.product(names(usual, version), given):
        if tool in UNEQUAL:
            continue
        params = {"name": tool, "arguments": arguments}
        answers = [same(rig.exchange("tools/call", params, version=version)) for rig in (usual, watching)]
        assert _without_seal(answers[0]) == _without_seal(answers[1]), tool


def _without_seal(answer: tuple[int, Mapping[str, str], list[Any]]) -> Any:
    """A sealed state is another one each time."""
    status, headers, messages = answer
    for each in messages:
        if "requestState" in each.get("result", {}):
            each["result"]["requestState"] = "sealed"
    return status, {key: value for key, value in headers.items() if key != "content-length"}, messages


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("method", ["tools/list", "prompts/list", "resources/list", "resources/templates/list"])
def test_every_page_of_every_list_is_the_same(method: str, version: str) -> None:
    usual, watching = both(many)
    cursor: str | None = None
    for _ in range(20):
        params = {} if cursor is None else {"cursor": cursor}
        answers = [rig.exchange(method, params, version=version) for rig in (usual, watching)]
        assert same(answers[0]) == same(answers[1])
        if (cursor := answers[0].json["result"].get("nextCursor")) is None:
            return
    raise AssertionError("the list never ends")


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
        {"cursor": 5},
        {"cursor": None},
        {"cursor": "none of ours"},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["tools/call", "tools/list"])
def test_params_of_any_shape_are_answered_in_the_same_way(method: str, params: Any, version: str) -> None:
    usual, watching = both(many)
    answers = []
    for rig in (usual, watching):
        headers = {"mcp-protocol-version": version, "authorization": f"Bearer {rig.issuer.token()}"}
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        if isinstance(params, dict):
            answers.append(same(rig.exchange(method, params, version=version)))
        else:
            answers.append(same(rig.send(http_api(headers=headers, body=body))))
    assert answers[0] == answers[1]


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
def test_what_an_author_says_of_the_server_goes_before(version: str, write: Write) -> None:
    tools = write(signed=SIGNED)
    usual, watching = both(tools)
    answers = [rig.exchange("tools/call", {"name": "signed"}, version=version) for rig in (usual, watching)]

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
def test_a_result_of_an_extensions_own_keeps_its_members(version: str, write: Write) -> None:
    usual, watching = both(write(extended=EXTENDED))
    answers = [rig.exchange("tools/call", {"name": "extended"}, version=version) for rig in (usual, watching)]

    assert same(answers[0]) == same(answers[1])
    assert (answers[0].json["result"].get("task") == {"id": "1"}) == (version == ERAS[1])


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
