"""How people connect each MCP client: the links, commands and steps of the page for people."""

import base64
import json
import shlex
from dataclasses import dataclass
from urllib.parse import quote, urlencode

INSPECTOR = "npx @modelcontextprotocol/inspector@2.12.0"
"""With a version, because npx would silently choose an old Inspector for an old Node."""

LOCAL_NAME = "workos-mcp-local"
"""What clients call a server on their own computer, so that the deployed one can be beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One program, and what its user does to connect it. Everything is plain text."""

    name: str
    hint: str
    """A few words on how much there is to do."""
    steps: str
    """What to do, beside the lines and the link."""
    lines: tuple[str, ...] = ()
    """Commands, or the content of a file; each is copied as a whole."""
    link: str | None = None
    """An address that adds the server when the program is installed."""


def list_clients(server_name: str, url: str, *, is_public: bool) -> tuple[Client, ...]:
    """List the clients of the page, those of most people first.

    `is_public` says whether other machines reach the URL. Claude and ChatGPT call from their makers' servers, so
    for a server of this computer they come last.
    """
    # Codex and Claude Code take letters, digits, "-" and "_" in a server's name; an identity may also have dots.
    name = server_name.replace(".", "-") if is_public else LOCAL_NAME
    assistants = (_describe_claude(name, url, is_public), _describe_chatgpt(is_public))
    programs = (
        *_list_editors(name, url),
        *_list_terminal_programs(name, shlex.quote(url)),
        *_list_others(shlex.quote(url)),
    )
    return (*assistants, *programs) if is_public else (*programs, *assistants)


def _describe_claude(name: str, url: str, is_public: bool) -> Client:
    if is_public:
        steps = (
            "In Claude on the web or the desktop: Customize, Connectors, the plus sign, Add custom connector. "
            "Enter a name and the address, choose Add, then Connect."
        )
        return Client(name="Claude", hint="In its settings", steps=steps)
    steps = (
        "Anthropic's servers cannot reach this address, because it exists only on this computer. The desktop app "
        "can: write this into claude_desktop_config.json (Settings, Developer, Edit Config), then restart the app."
    )
    program = {"mcpServers": {name: {"command": "npx", "args": ["-y", "mcp-remote", url]}}}
    return Client(name="Claude", hint="Desktop app only", steps=steps, lines=(_dump(program),))


def _describe_chatgpt(is_public: bool) -> Client:
    public = (
        "Settings, Apps, Advanced settings: switch on Developer mode. Then choose Create app, enter a name and "
        "the address, set Authentication to OAuth, and choose Create."
    )
    local = "OpenAI's servers cannot reach this address, because it exists only on this computer."
    if is_public:
        return Client(name="ChatGPT", hint="In its settings", steps=public)
    return Client(name="ChatGPT", hint="Needs a public address", steps=local)


def _list_editors(name: str, url: str) -> tuple[Client, ...]:
    cursor = base64.b64encode(_dump({"url": url}).encode()).decode()
    vs_code = _dump({"name": name, "type": "http", "url": url})
    return (
        Client(
            name="Cursor",
            hint="One click",
            steps=(
                "Use the button above, or write this into .cursor/mcp.json. Then log in under MCP in the settings."
            ),
            lines=(_dump({"mcpServers": {name: {"url": url}}}),),
            link=f"cursor://anysphere.cursor-deeplink/mcp/install?{urlencode({'name': name, 'config': cursor})}",
        ),
        Client(
            name="VS Code",
            hint="One click",
            steps=("Use the button above, or run this. Then: MCP: List Servers, the server, Start Server, Allow."),
            lines=(f"code --add-mcp {shlex.quote(vs_code)}",),
            link=f"vscode:mcp/install?{quote(vs_code, safe='')}",
        ),
    )


def _list_terminal_programs(name: str, url: str) -> tuple[Client, ...]:
    return (
        Client(
            name="Claude Code",
            hint="Two commands",
            steps="The second command opens the login. So does /mcp in a session: the server, Authenticate.",
            lines=(f"claude mcp add --transport http {name} {url}", f"claude mcp login {name}"),
        ),
        Client(
            name="Codex",
            hint="One command",
            steps="The command opens the login at once.",
            lines=(f"codex mcp add {name} --url {url}",),
        ),
        Client(
            name="Gemini CLI",
            hint="One command",
            steps="It connects through mcp-remote, which opens the login.",
            lines=(f"gemini mcp add {name} npx -y mcp-remote {url}",),
        ),
        Client(
            name="Copilot CLI",
            hint="One command",
            steps="The login opens the next time it starts.",
            lines=(f"copilot mcp add --transport http {name} {url}",),
        ),
        Client(
            name="opencode",
            hint="Two commands",
            steps="The second command opens the login.",
            lines=(f"opencode mcp add {name} --url {url}", f"opencode mcp auth {name}"),
        ),
    )


def _list_others(url: str) -> tuple[Client, ...]:
    return (
        Client(
            name="MCP Inspector",
            hint="One command",
            steps=(
                "It opens a page: choose Add Servers, Add manually, Streamable HTTP, and enter the address; then "
                "switch it on. It needs Node 22.19 or newer."
            ),
            lines=(INSPECTOR,),
        ),
        Client(
            name="Any other client",
            hint="Only the address",
            steps="It needs only the address. If it can only start a command, give it this one.",
            lines=(f"npx -y mcp-remote {url}",),
        ),
    )


def _dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))
