"""`make call`: call one tool and show its result.

Environment: TOOL; ARGS, a JSON object or @file; SAVE, a folder for images and other bytes; JSON=1 for the result
as the protocol has it; URL, STAGE, PORT and TOKEN as for `make list`. Progress, log messages and questions of the
tool appear on standard error. A tool that works in the background is followed until its result is there. The exit
status is 1 if the tool reports an error.
"""

import asyncio
import difflib
import json
import os
import sys
from typing import Any

from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, METHOD_NOT_FOUND, CallToolResult

from infra.operator.report import printable
from infra.terminal.arguments import read_arguments
from infra.terminal.background import Follower, name_place
from infra.terminal.caller import connect_as_caller
from infra.terminal.command import TerminalError, UsageError, run_command
from infra.terminal.offers import fetch_tools
from infra.terminal.result import Files, show_result
from infra.terminal.screen import Screen
from infra.terminal.target import Environment


class Call:
    """One call of a tool, by a connected client."""

    def __init__(self, tool: str, arguments: dict[str, Any], screen: Screen, follower: Follower) -> None:
        self._tool = tool
        self._arguments = arguments
        self._screen = screen
        self._follower = follower

    async def __call__(self, client: Client) -> CallToolResult:
        try:
            result = await client.call_tool(self._tool, self._arguments, progress_callback=self._show_progress)
            return await self._follower.follow(result, client.call_tool)
        except MCPError as error:
            if error.code not in (INVALID_PARAMS, METHOD_NOT_FOUND):
                raise
            names = [each.name for each in await fetch_tools(client)]
            if self._tool in names:
                raise
            raise TerminalError(describe_unknown(self._tool, names)) from None
        except RuntimeError as error:
            # The SDK holds a structured result against the tool's output schema.
            raise TerminalError(f"The result breaks the protocol: {printable(str(error), 400)}") from None

    async def _show_progress(self, progress: float, total: float | None, message: str | None) -> None:
        of_total = "" if total is None else f" of {total:g}"
        about = f"  {printable(message, 300)}" if message else ""
        self._screen.note(self._screen.dim(f"{progress:g}{of_total}{about}"))


def describe_unknown(tool: str, names: list[str]) -> str:
    """Say that there is no such tool, and which ones have a similar name."""
    near = difflib.get_close_matches(tool, names, n=3, cutoff=0.5) or [each for each in names if tool in each]
    hint = f"Did you mean {' or '.join(near)}?" if near else "`make list` shows them."
    return f"There is no tool {printable(tool)!r} for this caller. {printable(hint, 400)}"


def main(environment: Environment, screen: Screen) -> int:
    tool = environment.get("TOOL", "").strip()
    if not tool:
        raise UsageError("TOOL is not set: make call TOOL=whoami, and `make list` shows the tools")
    follower = Follower(screen, name_place(environment))
    call = Call(tool, read_arguments(environment.get("ARGS", "")), screen, follower)
    result = asyncio.run(connect_as_caller(environment, screen).use(call))
    if environment.get("JSON"):
        screen.show(json.dumps(result.model_dump(mode="json", by_alias=True, exclude_none=True), indent=2))
        return int(bool(result.is_error))
    return show_result(result, screen, Files(environment.get("SAVE", ""), tool))


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(os.environ, Screen.of_process(os.environ))))
