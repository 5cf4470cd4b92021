"""Follow work that goes on after the call that began it (docs/background.md), until its result is there."""

import asyncio
import json
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mcp_types import CallToolResult

from infra.local.ports import read_port
from infra.operator.report import printable
from infra.terminal.screen import Screen
from infra.terminal.target import Environment

GET_RESULT = "get_result"
MAX_PAUSE_SECONDS = 60
_MEMBERS = {"handle", "status", "status_message", "retry_after_seconds", "next_step"}
CallTool = Callable[[str, dict[str, Any]], Awaitable[CallToolResult]]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a result says of work that goes on."""

    handle: str
    message: str
    pause: float
    """After how many seconds the server wants to be asked again."""

    @classmethod
    def find(cls, result: CallToolResult) -> "Unfinished | None":
        """None if it is the result of the work."""
        data = result.structured_content
        if result.is_error or not isinstance(data, dict) or data.keys() != _MEMBERS:
            return None
        handle, pause = data["handle"], data["retry_after_seconds"]
        if not isinstance(handle, str) or not isinstance(pause, int):
            return None
        return cls(handle, str(data["status_message"] or ""), min(max(pause, 1), MAX_PAUSE_SECONDS))


class Follower:
    """Looks again and again, and shows what the work says meanwhile."""

    def __init__(self, screen: Screen, place: str, sleep: Sleep = asyncio.sleep) -> None:
        """`place` are the variables of `make` that name the server, such as "STAGE=dev "."""
        self._screen = screen
        self._place = place
        self._sleep = sleep

    async def follow(self, result: CallToolResult, call: CallTool) -> CallToolResult:
        """The result of the work. The questions that it asks are asked by the client, as in a call."""
        unfinished, message = Unfinished.find(result), ""
        if unfinished:
            self._screen.note(self._explain(unfinished.handle))
        while unfinished:
            if unfinished.message != message:
                message = unfinished.message
                self._screen.note(self._screen.dim(printable(message, 300)))
            await self._sleep(unfinished.pause)
            # The waiting is done here: there it would be paid for.
            result = await call(GET_RESULT, {"handle": unfinished.handle, "wait_seconds": 0})
            unfinished = Unfinished.find(result)
        return result

    def _explain(self, handle: str) -> str:
        arguments = shlex.quote(json.dumps({"handle": handle}))
        return (
            "The work goes on in the background. Ctrl-C leaves it alone; to look for its result again:\n"
            f"make call {self._place}TOOL={GET_RESULT} ARGS={printable(arguments, 4000)}"
        )


def name_place(environment: Environment) -> str:
    """The variable of `make` that named the server; nothing for that of `make dev` at its usual port."""
    if url := environment.get("URL"):
        return f"URL={shlex.quote(url)} "
    if stage := environment.get("TERMINAL_STAGE"):
        return f"STAGE={shlex.quote(stage)} "
    port = read_port("PORT", environment)
    return "" if port == read_port("PORT", {}) else f"PORT={port} "
