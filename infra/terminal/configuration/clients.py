"""The clients that `make connect` knows: the file of each, the entry in it, and what the user does afterwards.

Their documentation of November 2026 says where the files are. docs/clients.md says what was run.
"""

import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Environment = Mapping[str, str]
Entry = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredClient:
    title: str
    find_file: Callable[[Path, Environment], Path]
    """The file for a project's folder, or that of the user for a client without files in projects."""
    table: tuple[str, ...]
    """Where the entries are: the names of the objects around them."""
    make_entry: Callable[[str], Entry]
    """The entry for a URL."""
    next_step: str
    """What the user does next; {name} is the entry's name."""
    command: str = ""
    """The client's own command for the same, with {name} and {url}; {vscode} is VS Code's JSON."""

    def own_command(self, name: str, url: str) -> str:
        vscode = shlex.quote(dump({"name": name, "type": "http", "url": url}))
        return self.command.format(name=name, url=shlex.quote(url), vscode=vscode)


def dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _in_project(*parts: str) -> Callable[[Path, Environment], Path]:
    return lambda folder, environment: folder.joinpath(*parts)


def _find_opencode(folder: Path, environment: Environment) -> Path:
    """The file that the project has already: opencode merges all four."""
    names = ("opencode.json", "opencode.jsonc", ".opencode/opencode.json", ".opencode/opencode.jsonc")
    return next((folder / each for each in names if (folder / each).exists()), folder / names[0])


def _find_codex(folder: Path, environment: Environment) -> Path:
    return Path(environment.get("CODEX_HOME") or _home(environment) / ".codex") / "config.toml"


def _find_copilot(folder: Path, environment: Environment) -> Path:
    return Path(environment.get("COPILOT_HOME") or _home(environment) / ".copilot") / "mcp-config.json"


def _find_claude_desktop(folder: Path, environment: Environment) -> Path:
    if sys.platform == "darwin":
        root = _home(environment) / "Library/Application Support"
    elif os.name == "nt":
        root = Path(environment.get("APPDATA") or _home(environment) / "AppData/Roaming")
    else:
        root = Path(environment.get("XDG_CONFIG_HOME") or _home(environment) / ".config")
    return root / "Claude" / "claude_desktop_config.json"


def _home(environment: Environment) -> Path:
    return Path(environment.get("HOME") or Path.home())


def _http(url: str) -> Entry:
    return {"type": "http", "url": url}


def _mcp_remote(url: str) -> Entry:
    """For a client that can only start a command, or cannot log in at AuthKit itself."""
    return {"command": "npx", "args": ["-y", "mcp-remote", url]}


ALIASES = {"claude-code": "claude", "vs-code": "vscode", "gemini-cli": "gemini", "copilot-cli": "copilot"}
"""The clients' titles, in small letters and with - for spaces."""
CLIENTS: Mapping[str, ConfiguredClient] = {
    "claude": ConfiguredClient(
        title="Claude Code",
        find_file=_in_project(".mcp.json"),
        table=("mcpServers",),
        make_entry=_http,
        next_step="start claude in that folder, allow the server of .mcp.json, then /mcp, {name}, Authenticate",
        command="claude mcp add --transport http {name} {url}",
    ),
    "cursor": ConfiguredClient(
        title="Cursor",
        find_file=_in_project(".cursor", "mcp.json"),
        table=("mcpServers",),
        make_entry=lambda url: {"url": url},
        next_step="log in at {name} under MCP in Cursor's settings",
    ),
    "vscode": ConfiguredClient(
        title="VS Code",
        find_file=_in_project(".vscode", "mcp.json"),
        table=("servers",),
        make_entry=_http,
        next_step="run MCP: List Servers, {name}, Start Server, and choose Allow",
        command="code --add-mcp {vscode}",
    ),
    "codex": ConfiguredClient(
        title="Codex",
        find_file=_find_codex,
        table=("mcp_servers",),
        make_entry=lambda url: {"url": url},
        next_step="codex mcp login {name}",
        command="codex mcp add {name} --url {url}",
    ),
    "gemini": ConfiguredClient(
        title="Gemini CLI",
        find_file=_in_project(".gemini", "settings.json"),
        table=("mcpServers",),
        make_entry=_mcp_remote,
        next_step="start gemini and trust the folder; mcp-remote, which it starts, opens the login",
        command="gemini mcp add {name} npx -y mcp-remote {url}",
    ),
    "opencode": ConfiguredClient(
        title="opencode",
        find_file=_find_opencode,
        table=("mcp",),
        make_entry=lambda url: {"type": "remote", "url": url},
        next_step="opencode mcp auth {name}",
        command="opencode mcp add {name} --url {url}",
    ),
    "copilot": ConfiguredClient(
        title="Copilot CLI",
        find_file=_find_copilot,
        table=("mcpServers",),
        make_entry=lambda url: {"type": "http", "url": url, "tools": ["*"]},
        next_step="start copilot, which opens the login",
        command="copilot mcp add --transport http {name} {url}",
    ),
    "claude-desktop": ConfiguredClient(
        title="Claude, desktop app",
        find_file=_find_claude_desktop,
        table=("mcpServers",),
        make_entry=_mcp_remote,
        next_step="start the app again (for a public URL its Customize, Connectors needs no file)",
    ),
}
