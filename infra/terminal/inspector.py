"""`make inspector`: open MCP Inspector's page, connected to the server.

Environment: INSPECTOR_PORT (6274); URL, STAGE, PORT and TOKEN as for `make list`. With a TOKEN the Inspector sends
it; without one it logs you in itself. It is the version that the tests drive, with the Node of .venv.
"""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

from infra.operator.web import NoAnswer, Web
from infra.terminal.caller import read_token
from infra.terminal.command import TerminalError, UsageError, run_command
from infra.terminal.connection import describe_silence
from infra.terminal.screen import Screen
from infra.terminal.target import Environment, Target, read_target

_REPOSITORY = Path(__file__).parents[2]
NODE = _REPOSITORY / ".venv" / "bin" / "node"
LAUNCHER = (
    _REPOSITORY / "tests/e2e/node/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
)
DEFAULT_PORT = 6274
"""The redirect URI of the Inspector that docs/clients.md names has this port."""
STOP_SECONDS = 5
_ENTRY = "deep-link"
"""The page connects by itself to the server with this name, if its address names the same URL."""
_READY = "Web is up and running at"


def main(environment: Environment, screen: Screen) -> int:
    target, token, port = read_target(environment), read_token(environment), read_inspector_port(environment)
    target.require_protection()
    if isinstance(reply := asyncio.run(Web().ask("GET", target.url)), NoAnswer):
        raise TerminalError(describe_silence(target, reply.why))
    api_token = secrets.token_urlsafe(32)
    with (
        tempfile.TemporaryDirectory(prefix="inspector-") as folder,
        _running(target, token, port, api_token, Path(folder)) as process,
    ):
        _wait_until_ready(process)
        address = make_address(port, target, api_token)
        screen.show(f"MCP Inspector, connected to {target.url}:\n\n  {address}\n\nCtrl-C stops it.")
        if screen.open_browser:
            screen.open_browser(address)
        # Ctrl-C is how this command ends.
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()
        return 0


def read_inspector_port(environment: Environment) -> int:
    """Read INSPECTOR_PORT.

    Raises:
        UsageError: if it is not a port number.
    """
    text = environment.get("INSPECTOR_PORT") or str(DEFAULT_PORT)
    if not (text.isascii() and text.isdigit() and 1024 <= int(text[:6]) <= 65535):
        raise UsageError(f"INSPECTOR_PORT is {text!r}, not a port from 1024 to 65535")
    return int(text)


def make_address(port: int, target: Target, api_token: str) -> str:
    """The page's address. The API token is for this run, and keeps other pages from using the Inspector."""
    query = {
        "MCP_INSPECTOR_API_TOKEN": api_token,
        "transport": "http",
        "serverUrl": target.url,
        "autoConnect": api_token,
    }
    return f"http://localhost:{port}/?{urlencode(query)}"


@contextlib.contextmanager
def _running(
    target: Target, token: str, port: int, api_token: str, folder: Path
) -> Iterator[subprocess.Popen[str]]:
    """Run the Inspector; it has ended when this is left, however that happens."""
    if not LAUNCHER.exists():
        raise TerminalError("MCP Inspector is not installed: run it as `make inspector`, which installs it")
    catalog = folder / "servers.json"
    # The folder is for this user alone, and ends with the command.
    catalog.write_text(json.dumps(make_catalog(target, token)))
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TOKEN")},
        "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "CLIENT_PORT": str(port),
        "MCP_INSPECTOR_API_TOKEN": api_token,
        "MCP_AUTO_OPEN_ENABLED": "false",
        # A token of the environment stays in memory. A login of the Inspector is kept where it always keeps it.
        **({"MCP_STORAGE_DIR": str(folder), "MCP_INSPECTOR_SECRET_STORE": "memory"} if token else {}),
    }
    process = subprocess.Popen(
        [str(NODE), str(LAUNCHER), "--web", "--catalog", str(catalog)],
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
        # Node runs below a wrapper. A group of their own lets both be ended together.
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)


def make_catalog(target: Target, token: str) -> dict[str, object]:
    """The Inspector's list of servers, with this one alone."""
    headers = {"headers": {"Authorization": f"Bearer {token}"}} if token else {}
    return {
        "mcpServers": {_ENTRY: {"type": "streamable-http", "url": target.url, "protocolEra": "auto", **headers}}
    }


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    for line in process.stdout or ():
        if _READY in line:
            return
    raise TerminalError("MCP Inspector did not start; its reason is above. INSPECTOR_PORT= takes another port")


def _end(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        if process.stdout and not _has_ended(process.stdout):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def _has_ended(output: IO[str]) -> bool:
    """Wait until every process of the group has closed its output, at most STOP_SECONDS."""
    reader = threading.Thread(target=output.read, daemon=True)
    reader.start()
    reader.join(STOP_SECONDS)
    return not reader.is_alive()


if __name__ == "__main__":
    sys.exit(run_command(lambda: main(os.environ, Screen.of_process(os.environ))))
