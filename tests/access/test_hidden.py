"""What is hidden cannot be told from what does not exist: the same answer, after the same work."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from mcp.server.mcpserver.context import Context
from mcp.server.runner import ServerRunner
from mcp.server.session import ServerSession

from tests.access.world import World, running
from tests.catalogues import resources
from tests.log import Log
from tests.packages import Write
from tests.rig import ERAS, MODERN, Answer, Rig

pytestmark = pytest.mark.matrix("version")

TOOLS = """
from typing import Annotated

from mcp.server.mcpserver import Context, Elicit, Resolve
from pydantic import BaseModel

from app.authoring import flag, machine, permission
from app.authoring import tool


class Sure(BaseModel):
    sure: bool


async def sure() -> Elicit[Sure]:
    return Elicit("Sure?", Sure)


@tool(requires=permission("reports:write"))
async def plain() -> str:
    "Need a permission."
    return "done"


@tool(requires=permission("reports:write"))
async def with_context(context: Context) -> str:
    "Take the SDK's context."
    return "done"


@tool(requires=permission("reports:write"))
async def resolved(answer: Annotated[Sure, Resolve(sure)]) -> str:
    "Take what the SDK resolves."
    return "done"


@tool(requires=machine())
async def by_token() -> str:
    "Need what the token says."
    return "done"


@tool(requires=flag("report-export"))
async def by_flag() -> str:
    "Need a flag."
    return "done"
"""
HIDDEN = ["plain", "with_context", "resolved", "by_token"]
UNUSUAL: list[dict[str, Any]] = [
    {},
    {"more": 1},
    {"_meta": {"progressToken": None}},
    {"arguments": {"one": 1, "another": [2]}},
    {"requestState": "none of ours"},
]


@dataclass
class Work:
    """What the SDK builds, counted."""

    built: list[str] = field(default_factory=list)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    work = Work()
    for kind in (Context, ServerRunner, ServerSession):
        usual = kind.__init__

        def counted(self: Any, *args: Any, kind: Any = kind, usual: Any = usual, **options: Any) -> None:
            work.built.append(kind.__name__)
            usual(self, *args, **options)

        monkeypatch.setattr(kind, "__init__", counted)
    return work


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, write: Write) -> Iterator[Any]:
    """A new environment, which has asked WorkOS for nothing yet."""
    worlds = []
    tools = write(tools=TOOLS)

    def make() -> World:
        worlds.append(running(monkeypatch, tools))
        return worlds[-1].__enter__()

    yield make
    for world in reversed(worlds):
        world.__exit__(None, None, None)


def call(world: World, name: str, more: Mapping[str, Any], version: str) -> Answer:
    return world.exchange("tools/call", "katherine", params={"name": name, **more}, version=version)


@pytest.mark.parametrize("version", ERAS)
@pytest.mark.parametrize("more", UNUSUAL, ids=str)
@pytest.mark.parametrize("name", HIDDEN)
def test_a_hidden_tool_takes_the_work_of_an_unknown_one(
    name: str, more: dict[str, Any], version: str, fresh: Any, work: Work
) -> None:
    seen = []
    for each in (name, "nothing"):
        world, before = fresh(), len(work.built)
        answer = call(world, each, more, version)
        seen.append((answer.status, answer.headers, answer.text, sorted(world.api.asked), work.built[before:]))

    assert seen[0] == seen[1]


def test_nothing_is_built_for_a_usual_call_of_either(fresh: Any, work: Work) -> None:
    world = fresh()
    call(world, "with_context", {}, MODERN)
    call(world, "nothing", {}, MODERN)

    assert work.built == []


def test_an_unknown_name_asks_workos_no_more_than_a_list_does(fresh: Any) -> None:
    world = fresh()
    call(world, "nothing", {}, MODERN)
    asked = list(world.api.asked)
    call(world, "something else", {}, MODERN)
    assert world.api.asked == asked  # kept for a minute, as ever

    listing = fresh()
    listing.listed("katherine")
    assert sorted(asked) == sorted(listing.api.asked)


def test_who_may_call_a_tool_with_the_sdks_context_is_served(fresh: Any) -> None:
    world = fresh()

    assert world.says("with_context", "ada") == "done"
    assert world.call("resolved", "ada")["resultType"] == "input_required"


@pytest.mark.parametrize("version", ERAS)
def test_the_record_of_a_hidden_tool_says_denied_and_of_an_unknown_one_error(
    version: str, fresh: Any, log: Log
) -> None:
    world = fresh()
    for name in ("plain", "nothing"):
        call(world, name, {"arguments": {"sk_secret": 1}}, version)

    hidden, unknown = log("exchange")
    assert (hidden["tool"], hidden["outcome"], hidden["reason"]) == ("plain", "denied", "missing_permission")
    assert (unknown["outcome"], unknown["code"], "tool" in unknown) == ("error", -32602, False)
    assert hidden["unknown_arguments"] == unknown["unknown_arguments"] == 1
    assert "sk_secret" not in str([hidden, unknown])


ODD = [
    "\ud800",
    "a\udfff",
    "%ED%A0%80",
    "%00",
    "\0",
    "../..",  # a single ".." stays inside plans://, so the wider template answers
    "%2E%2E%2F%2E%2E",
    "%2Fetc",
    "%252e%252e",
    "%zz",
    "%",
    "",
    "a//b",
    "a%20b c",
    "\u2028",
    "é",
    "x" * 9000,
    "\ud83d\ude00",
    "q3?x=\ud800",
    "q3#\ud800",
]


SENDABLE = [(odd, version) for odd in ODD for version in ERAS if version != MODERN or odd.isascii()]


@pytest.mark.parametrize(("odd", "version"), SENDABLE, ids=ascii)
def test_an_odd_uri_is_answered_alike_where_a_hidden_template_matches_and_where_none_does(
    odd: str, version: str, log: Log
) -> None:
    rig = Rig(resources=resources)
    answers = [read(rig, f"{place}/{odd}", version, may=[]) for place in ("plans://hidden", "nothing://hidden")]

    for answer in answers:
        assert answer.json["error"]["code"] == (-32602 if version == MODERN else -32002)
    hidden, unknown = (answer.json["error"] for answer in answers)
    assert hidden["message"] == unknown["message"]
    assert hidden.get("data", {}).keys() == unknown.get("data", {}).keys()
    for line in log("exchange"):
        assert line["outcome"] == ("denied" if "resource" in line else "error")


@pytest.mark.parametrize("odd", ["\ud800", "a\udfff/b", "q3?x=\ud800"], ids=ascii)
def test_a_lone_surrogate_matches_no_template_for_those_who_may_read_it_either(odd: str) -> None:
    answer = read(Rig(resources=resources), f"plans://hidden/{odd}", ERAS[0], may=["plans:read", "plans:write"])

    assert answer.json["error"]["code"] == -32002


def read(rig: Rig, uri: str, version: str, may: list[str]) -> Answer:
    # A header cannot carry every URI as it is (2026-07-28, transports, "Value Encoding").
    routed = {"mcp-name": f"=?base64?{b64encode(uri.encode()).decode()}?="} if version == MODERN else {}
    token = rig.issuer.token(permissions=may)
    return rig.exchange("resources/read", {"uri": uri}, version=version, token=token, headers=routed)
