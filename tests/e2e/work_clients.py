"""Clients that follow a tool of 45 seconds, and what each of them sees."""

import asyncio
import json
import os
import shlex
import subprocess
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ElicitResult
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_PROTOCOL_VERSION

from tests.e2e.clients import FOLDER, NODE, ROOT, environment, follow
from tests.e2e.long_work import TOOL
from tests.e2e.stack import Stack
from tests.e2e.test_inspector import start
from tests.person import Memory, Person, login_of

PATIENCE = 300
"""Seconds for a client that needs one minute on a machine that has nothing else to do."""
OTHER_USER = "grace@example.com"
Seen = dict[str, Any]


def run_with_tasks(stack: Stack, home: Path) -> Seen:
    """TypeScript SDK and ext-tasks, after a login."""
    command = [str(NODE), str(FOLDER / "follow_tasks.mjs"), stack.mcp_url, stack.token(user=OTHER_USER)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment(home), stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as client:
        assert client.stdout is not None
        asked = client.stdout.readline()
        called_back = follow(json.loads(asked)["open"]) if asked else ""
        out, err = client.communicate(called_back + "\n", timeout=PATIENCE)
    assert client.returncode == 0, err
    said: Seen = json.loads(out)["said"]
    return said


def run_typescript(stack: Stack, home: Path, release: str) -> Seen:
    """TypeScript SDK without ext-tasks."""
    command = [str(NODE), str(FOLDER / "follow_handles.mjs"), stack.mcp_url, stack.token(), release]
    done = subprocess.run(
        command, env=environment(home), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    seen: Seen = json.loads(done.stdout)
    return seen


@dataclass
class Answer:
    """What a call of a tool gives."""

    seconds: float
    """Since the work began."""
    text: str
    data: dict[str, Any] | None
    is_error: bool


class HandleUser:
    """A client of the Python SDK that calls the tool and comes back with the handle."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._began = time.monotonic()
        self.answers: list[Answer] = []

    async def begin(self, **arguments: Any) -> None:
        await self._call(TOOL, arguments)

    async def follow(self, **arguments: Any) -> None:
        await self.begin(**arguments)
        while "handle" in (self.answers[-1].data or {}):
            await self.look()

    async def look(self) -> None:
        await self._call("get_result", {"handle": self._handle})

    async def wait_for_question(self) -> None:
        while (self.answers[-1].data or {})["status"] == "working":
            await self.look()

    async def cancel(self) -> None:
        handle = self._handle
        await self._call("cancel_work", {"handle": handle})
        await self._call("get_result", {"handle": handle})

    @property
    def _handle(self) -> str:
        return str((self.answers[-1].data or {})["handle"])

    async def _call(self, tool: str, arguments: dict[str, Any]) -> None:
        result = await self._client.call_tool(tool, arguments)
        self.answers.append(self._simplify(result))

    def _simplify(self, result: CallToolResult) -> Answer:
        text: str = result.content[0].text  # type: ignore[union-attr]  # the tools here return text
        seconds = time.monotonic() - self._began
        return Answer(seconds, text, result.structured_content, bool(result.is_error))


def run_python(stack: Stack, version: str) -> Seen:
    """The Python SDK, after a login for each scenario. In the era of 2025-11-25 it reads questions as text."""

    async def cancel(user: HandleUser) -> None:
        await user.begin()
        await user.cancel()

    async def cancel_at_question(user: HandleUser) -> None:
        await user.begin(ask=True)
        await user.wait_for_question()
        await user.cancel()

    can_ask = version not in HANDSHAKE_PROTOCOL_VERSIONS
    scenarios: dict[str, Callable[[HandleUser], Awaitable[None]]] = {
        "question" if can_ask else "result": lambda user: user.follow(ask=can_ask),
        "tool error": lambda user: user.follow(end="tool error"),
        "cancellation": cancel if can_ask else cancel_at_question,
    }

    async def run_all() -> Seen:
        seen = await asyncio.gather(*(_with_client(stack, run, can_ask=can_ask) for run in scenarios.values()))
        return dict(zip(scenarios, seen, strict=True))

    return asyncio.run(run_all())


async def _with_client(stack: Stack, run: Callable[[HandleUser], Awaitable[None]], *, can_ask: bool) -> Seen:
    asked: list[str] = []

    async def answer(context: object, params: Any) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"go_on": True})

    login = login_of(Person(), Memory(), stack.mcp_url)
    async with (
        httpx2.AsyncClient(auth=login, trust_env=False, timeout=60) as http,
        Client(
            streamable_http_client(stack.mcp_url, http_client=http),
            # Not "auto": that falls back to the older version if the first answer takes long.
            mode=LATEST_PROTOCOL_VERSION if can_ask else "legacy",
            elicitation_callback=answer if can_ask else None,
        ) as client,
    ):
        user = HandleUser(client)
        await run(user)
        answers = [asdict(each) for each in user.answers]
        return {"version": client.protocol_version, "asked": asked, "answers": answers}


COMMAND = "$ make call TOOL=build_year_report ARGS='{\"seconds\":30}'\n"


def run_terminal(stack: Stack) -> str:
    """What `make call` writes for the example of docs/terminal.md, with the server that the page has."""
    own = {"TOKEN": stack.token(), "URL": stack.mcp_url, "NO_PROXY": "*"}
    done = subprocess.run(
        shlex.split(COMMAND.removeprefix("$ ")),
        cwd=ROOT,
        env={**os.environ, **own},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout.replace(f"URL={stack.mcp_url} ", "")


def run_inspector(stack: Stack, home: Path) -> Seen:
    """MCP Inspector's command line, which knows tasks in the era of 2026-07-28."""
    bearer = f"Authorization: Bearer {stack.token()}"

    def call(era: str, tool: str, *arguments: str) -> dict[str, Any]:
        with_arguments = [word for each in arguments for word in ("--tool-arg", each)]
        with start(
            stack,
            home,
            *("--method", "tools/call", "--tool-name", tool, "--protocol-era", era, "--header", bearer),
            *("--connect-timeout", str(PATIENCE * 1000)),
            *with_arguments,
        ) as process:
            out, err = process.communicate(timeout=PATIENCE)
        # An error of the tool is on standard output too, with an exit status of its own.
        assert out, err
        result: dict[str, Any] = json.loads(out)["result"]
        return result

    def come_back(*arguments: str) -> list[dict[str, Any]]:
        results = [call("legacy", TOOL, *arguments)]
        while (data := results[-1].get("structuredContent") or {}).get("status") == "working":
            results.append(call("legacy", "get_result", f"handle={data['handle']}"))
        return results

    with ThreadPoolExecutor() as pool:
        modern = pool.submit(call, "modern", TOOL)
        asking, failing = pool.submit(come_back, "ask=true"), pool.submit(come_back, "end=tool error")
        handle = asking.result()[-1]["structuredContent"]["handle"]
        ended = [call("legacy", each, f"handle={handle}") for each in ("cancel_work", "get_result")]
        return {
            "result": [modern.result()],
            "question": asking.result(),
            "cancellation": ended,
            "tool error": failing.result(),
        }
