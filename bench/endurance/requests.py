"""What callers ask, and what each is answered in each era once the token is accepted: the table of a run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias

from bench.endurance.expected import ASKED, OK, TOOL_ERROR, Expected
from tests.rig import ERAS

Params: TypeAlias = Mapping[str, Any]
LISTED = frozenset({"who", "repeats", "in_a_thread", "reports", "asks", "refuses", "raises", "exits_in_a_task"})
LISTED |= {"waits", "sleeps", "floods", "by_argument"}
"""Tools that everybody sees."""

Pair: TypeAlias = tuple[Expected, Expected]
"""In 2026-07-28, and in the era before."""
Need: TypeAlias = str
"""anyone, person, machine, scope or permission: what a tool in tests/catalogues/enduring wants."""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    method: str
    params: Params | Callable[[Random], Params]
    modern: Expected
    before: Expected
    needs: Need = "anyone"
    names_caller: bool = False
    """Whether the answer has the caller's id in it; any other's has no answer at all."""
    headers: Params | None = None
    """Instead of what a client of that era sends."""
    lacks: str | None = None
    """A member of `_meta` that is left out."""
    is_listed_first: bool = False
    """Whether the list is made before it is seen that the page is none."""
    milliseconds: int | None = None
    """What Lambda says is left, if it is not much."""
    weight: float = 3


def _both(says: str | int = OK, **rest: Any) -> Pair:
    return Expected(200, says, **rest), Expected(200, says, **rest)


def _error(code: int, before: int | None = None) -> Pair:
    """A status of its own in 2026-07-28; a 200 in the era before, now and then with another code."""
    return Expected(400, code), Expected(200, before or code)


def _tool(name: str, **arguments: Any) -> Params:
    return {"name": name, "arguments": arguments}


def _repeated(rng: Random) -> Params:
    return _tool("repeats", text="y" * rng.randrange(2000), times=rng.randint(1, 10))


def _misfit(rng: Random) -> Params:
    wrong: list[Params] = [{}, {"text": 5}, {"text": "a", "times": 0}, {"times": "x"}, {"text": ["a"] * 50}]
    return {"name": "repeats", "arguments": rng.choice(wrong)}


def _filled(rng: Random) -> Params:
    return {"ref": {"type": "ref/prompt", "name": "introduces"}, "argument": {"name": "name", "value": "a"}}


_FAILED = _both(TOOL_ERROR)
_UNKNOWN_METHOD = (Expected(404, -32601), Expected(200, -32601))
_NEW = (Expected(200), Expected(200, -32601))
_OLD = (Expected(404, -32601), Expected(200))
_HELLO = {"protocolVersion": ERAS[0], "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
_ENVELOPE = (Expected(400, -32602), Expected(200))
_END = ("background work called for the end of the program", "tool raised")
_PREFIX = "io.modelcontextprotocol"

ROWS = (
    # tools
    Row("who", "tools/call", _tool("who"), *_both(), names_caller=True, weight=40),
    Row("good arguments", "tools/call", _repeated, *_both(), names_caller=True, weight=20),
    Row("wrong arguments", "tools/call", _misfit, *_FAILED, weight=6),
    Row("arguments that are none", "tools/call", {"name": "who", "arguments": 5}, *_error(-32602)),
    Row("in a thread", "tools/call", _tool("in_a_thread", number=4), *_both(), names_caller=True, weight=5),
    Row("progress", "tools/call", {**_tool("reports"), "_meta": {"progressToken": "p"}},
        *_both(progress=3), names_caller=True, weight=5),
    Row("progress nobody asked for", "tools/call", _tool("reports"), *_both(), names_caller=True),
    Row("refuses", "tools/call", _tool("refuses"), *_FAILED),
    Row("raises", "tools/call", _tool("raises", text="z"), *_both(TOOL_ERROR, logs=("tool raised",))),
    Row("unknown tool", "tools/call", _tool("no_such_tool"), *_error(-32602)),
    Row("no tool", "tools/call", {}, *_error(-32602)),
    # What Lambda has left is 1 s, which the function keeps for its answer, and these milliseconds.
    Row("cut off", "tools/call", _tool("waits"), *_FAILED, milliseconds=40, weight=0.2),
    Row("cut off, with progress", "tools/call", {**_tool("waits"), "_meta": {"progressToken": 1}},
        *_both(TOOL_ERROR, progress=1), milliseconds=40, weight=0.2),
    Row("cut off in its thread", "tools/call", _tool("sleeps"),
        *_both(TOOL_ERROR, logs=("thread left behind",)), milliseconds=40, weight=0.2),
    Row("no time at all", "tools/call", _tool("who"), *_FAILED, milliseconds=-500),
    Row("more than Lambda passes on", "tools/call", _tool("floods"), *_FAILED, weight=0.05),
    Row("ends the program", "tools/call", _tool("exits_in_a_task"), *_both(TOOL_ERROR, logs=_END), weight=1),
    Row("asks", "tools/call", _tool("asks"), Expected(200, ASKED), Expected(200, TOOL_ERROR), weight=6),
    # tools that not everybody may use
    Row("a scope", "tools/call", _tool("by_scope"), *_both(), needs="scope", names_caller=True, weight=6),
    Row("a permission", "tools/call", _tool("by_permission"), *_both(), needs="permission",
        names_caller=True, weight=8),
    Row("a machine's", "tools/call", _tool("by_machine"), *_both(), needs="machine", names_caller=True),
    Row("a person's", "tools/call", _tool("by_person"), *_both(), needs="person", names_caller=True),
    Row("an even number", "tools/call", _tool("by_argument", number=4), *_both(), names_caller=True),
    Row("an odd number", "tools/call", _tool("by_argument", number=3), *_both(TOOL_ERROR, reason="check_failed")),
    # prompts, resources, completions
    Row("prompt", "prompts/get", {"name": "introduces", "arguments": {"name": "b", "times": "2"}},
        *_both(), names_caller=True, weight=6),
    Row("prompt, wrong argument", "prompts/get", {"name": "introduces", "arguments": {"times": "x"}},
        *_error(-32602)),
    Row("unknown prompt", "prompts/get", {"name": "no_such_prompt"}, *_error(-32602)),
    Row("resource", "resources/read", {"uri": "fixed://text"}, *_both(), names_caller=True, weight=6),
    Row("template", "resources/read", lambda rng: {"uri": f"item://{rng.randrange(10**6)}"}, *_both(),
        names_caller=True, weight=6),
    Row("template, wrong value", "resources/read", {"uri": "item://x"}, *_error(-32602)),
    Row("unknown resource", "resources/read", {"uri": "nobody://x"}, *_error(-32602, before=-32002)),
    Row("completion", "completion/complete", _filled, *_both(), names_caller=True, weight=4),
    Row("completion of nothing", "completion/complete",
        {"ref": {"type": "ref/prompt", "name": "x"}, "argument": {"name": "y", "value": ""}}, *_error(-32602)),
    # lists
    Row("tools", "tools/list", {}, *_both(), weight=10),
    Row("prompts", "prompts/list", {}, *_both()),
    Row("resources", "resources/list", {}, *_both()),
    Row("templates", "resources/templates/list", {}, *_both()),
    Row("a page that is none", "tools/list", {"cursor": "0123456789abcdef.1"}, *_error(-32602),
        is_listed_first=True),
    # what one era alone has, what none has
    Row("discover", "server/discover", {}, *_NEW, weight=5),
    Row("initialize", "initialize", _HELLO, *_OLD, weight=5),
    Row("ping", "ping", {}, *_OLD),
    Row("logging/setLevel", "logging/setLevel", {"level": "error"}, *_OLD),
    Row("unknown method", "tools/fly", {}, *_UNKNOWN_METHOD),
    # headers and envelope that only 2026-07-28 has
    Row("another method in the header", "tools/list", {}, Expected(400, -32020), Expected(200),
        headers={"mcp-method": "tools/call"}),
    Row("another name in the header", "tools/call", _tool("who"), Expected(400, -32020), Expected(200),
        headers={"mcp-name": "whoever"}),
    Row("no version in the envelope", "tools/list", {}, *_ENVELOPE, lacks=f"{_PREFIX}/protocolVersion"),
    Row("no capabilities in the envelope", "tools/list", {}, *_ENVELOPE, lacks=f"{_PREFIX}/clientCapabilities"),
    Row("a header of a version that nobody knows", "tools/list", {}, Expected(400, -32020), Expected(400, -32602),
        headers={"mcp-protocol-version": "2099-01-01"}),
)  # fmt: skip
