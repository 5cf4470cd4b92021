"""`make call` follows a tool that works in the background."""

import asyncio
import json
import shlex
from typing import Any

import pytest
from mcp_types import CallToolResult, TextContent

from infra.terminal.background import Follower, name_place
from tests.infra.terminal.screens import Seen, make_screen


def unfinished(message: str | None, pause: Any = 2, handle: Any = "v1.it's") -> CallToolResult:
    data = {"handle": handle, "status": "working", "status_message": message, "retry_after_seconds": pause}
    data["next_step"] = "Call get_result."
    return CallToolResult(content=[TextContent(text="goes on")], structured_content=data)


DONE = CallToolResult(content=[TextContent(text="done")], structured_content={"orders": 12})


class Work:
    """A server that gives these results, one for each look, and the time that passes meanwhile."""

    def __init__(self, *results: CallToolResult, place: str = "") -> None:
        self.seen: Seen = make_screen()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.pauses: list[float] = []
        self._results = list(results)
        self._follower = Follower(self.seen.screen, place, self._sleep)

    async def _call(self, tool: str, arguments: dict[str, Any]) -> CallToolResult:
        self.calls.append((tool, arguments))
        return self._results.pop(0)

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def follow(self) -> CallToolResult:
        return asyncio.run(self._follower.follow(self._results.pop(0), self._call))


def test_it_looks_again_when_the_server_says_until_the_result_is_there() -> None:
    work = Work(unfinished("Reading"), unfinished("Reading", 5), unfinished("Writing", 86_400), DONE)

    assert work.follow() is DONE
    assert work.calls == [("get_result", {"handle": "v1.it's", "wait_seconds": 0})] * 3
    assert work.pauses == [2, 5, 60]
    assert work.seen.err.splitlines()[2:] == ["Reading", "Writing"]


def test_the_command_that_looks_again_can_be_copied_from_the_screen() -> None:
    work = Work(unfinished(None), DONE, place="STAGE=dev ")

    work.follow()

    first, command = work.seen.err.splitlines()
    assert first.startswith("The work goes on in the background. Ctrl-C leaves it alone")
    *words, arguments = shlex.split(command)
    assert words == ["make", "call", "STAGE=dev", "TOOL=get_result"]
    assert json.loads(arguments.removeprefix("ARGS=")) == {"handle": "v1.it's"}


@pytest.mark.parametrize(
    "result",
    [
        DONE,
        CallToolResult(content=[]),
        CallToolResult(content=[], structured_content={"handle": "of a door"}),
        unfinished("Reading", pause="soon"),
        unfinished("Reading", handle=7),
        unfinished("Reading").model_copy(update={"is_error": True}),
    ],
    ids=["result", "nothing", "another handle", "no number", "no text", "error"],
)
def test_any_other_result_is_the_result(result: CallToolResult) -> None:
    work = Work(result)

    assert work.follow() is result
    assert (work.calls, work.seen.err) == ([], "")


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({}, ""),
        ({"PORT": "8000"}, ""),
        ({"PORT": "8100"}, "PORT=8100 "),
        ({"PORT": "8000", "TERMINAL_STAGE": "dev"}, "STAGE=dev "),
        ({"URL": "https://a.example/mcp?b c", "TERMINAL_STAGE": "dev"}, "URL='https://a.example/mcp?b c' "),
    ],
    ids=["make dev", "its usual port", "port", "stage", "url"],
)
def test_the_command_names_the_same_server(given: dict[str, str], place: str) -> None:
    assert name_place(given) == place
