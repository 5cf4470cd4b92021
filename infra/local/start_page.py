"""Write what `make dev` prints when it is ready: the addresses, how to connect, and who can log in."""

import json
from dataclasses import dataclass

from infra.local.seed.rows import Seed, User

INSPECTOR = "npx @modelcontextprotocol/inspector@2.12.0"
"""With a version, because npx would silently choose an old Inspector for an old Node."""
SERVER_NAME = "workos-mcp-local"
"""As on the page for people (app/http/clients.py)."""
MAX_NOTE_CHARACTERS = 900
"""The function takes 1000 (LANDING_PAGE_NOTE); the rest is for the last line."""


@dataclass(frozen=True, slots=True)
class Addresses:
    base_url: str
    authkit_url: str
    token_command: str = "make -s token"
    takes_documents: bool = False
    """Whether this AuthKit accepts clients by the document at their client id (CIMD)."""
    other_api_url: str | None = None
    """The WorkOS API that the function calls instead of the local one, if any."""

    @property
    def workos_api(self) -> str:
        if self.other_api_url is None:
            return f"{self.authkit_url}, the local one; changes that tools make end with it"
        return f"{self.other_api_url}, with your WORKOS_API_KEY: tools read and change what is there"

    @property
    def mcp_url(self) -> str:
        return self.base_url + "/mcp"

    @property
    def port_argument(self) -> str:
        """What the commands of docs/terminal.md need to find this server; nothing for the usual port."""
        port = self.base_url.rpartition(":")[2]
        return "" if port == "8000" else f" PORT={port}"


def render_start_page(addresses: Addresses, seed: Seed, *, colour: bool) -> str:
    sections = {
        "Running": _running(addresses),
        "Connect a client": _clients(addresses.mcp_url, addresses.token_command),
        "Log in as": [(user.name, f"{user.email:<24}{_organizations(user, seed)}") for user in seed.users],
        "Go on": [
            ("Call a tool", f"make call TOOL=whoami{addresses.port_argument}; make list shows the tools"),
            ("A token", addresses.token_command),
            ("A new tool", "make new-tool NAME=hello, then edit app/tools/hello.py; saving loads it"),
            ("Stop", "Ctrl-C"),
        ],
    }
    return "\n".join(_section(title, rows, colour) for title, rows in sections.items())


def _running(addresses: Addresses) -> list[tuple[str, str]]:
    rows = [
        ("MCP endpoint", addresses.mcp_url),
        ("", "paste it unchanged: with another name of this machine, such as localhost, clients cannot log in"),
        ("In a browser", f"{addresses.base_url}   a page for people: what the server is, and how to connect"),
        ("AuthKit", addresses.authkit_url),
    ]
    if addresses.takes_documents:
        rows.append(("CIMD", "on: a client id may be the address of a document, fetched from the internet"))
    rows.append(("WorkOS API", addresses.workos_api))
    if addresses.other_api_url:
        rows.append(("", "the people below exist there only if infra/local/seed.toml has that WorkOS' ids"))
    return rows


def _clients(mcp_url: str, token_command: str) -> list[tuple[str, str]]:
    vs_code = _json({"name": SERVER_NAME, "type": "http", "url": mcp_url})
    cursor = _json({"mcpServers": {SERVER_NAME: {"url": mcp_url}}})
    inspector_page = f"{INSPECTOR}, then Add Servers, Add manually, Streamable HTTP"
    inspector = f"{INSPECTOR} --cli {mcp_url} --transport http"
    return [
        ("Claude Code", f"claude mcp add --transport http {SERVER_NAME} {mcp_url}"),
        ("", f"claude mcp login {SERVER_NAME}"),
        ("Codex", f"codex mcp add {SERVER_NAME} --url {mcp_url}"),
        ("Copilot CLI", f"copilot mcp add --transport http {SERVER_NAME} {mcp_url}"),
        ("opencode", f"opencode mcp add {SERVER_NAME} --url {mcp_url}"),
        ("", f"opencode mcp auth {SERVER_NAME}"),
        ("VS Code", f"code --add-mcp '{vs_code}'"),
        ("Cursor", f"{cursor}   in .cursor/mcp.json"),
        ("Inspector", f'{inspector} --header "Authorization: Bearer $({token_command})" --method tools/list'),
        ("Inspector UI", f"{inspector_page}, {mcp_url}   (Node 22.19 or newer)"),
        ("Any other", f"npx -y mcp-remote {mcp_url}   as the command that it starts"),
        ("Claude, ChatGPT", "need a public URL: make deploy"),
    ]


def write_note(seed: Seed) -> str:
    """Write who can log in, for the page that a browser gets from the server (LANDING_PAGE_NOTE)."""
    lines, rest = ["The local login asks for no password. Choose one of these people:"], list(seed.users)
    while rest:
        line = f"{rest[0].name}, {rest[0].email}: {_organizations(rest[0], seed)}".replace("|", "/")
        if sum(map(len, [*lines, line])) + 3 * len(lines) > MAX_NOTE_CHARACTERS:
            lines.append(f"{len(rest)} more are in infra/local/seed.toml.")
            break
        lines.append(line)
        rest.pop(0)
    return " | ".join(lines)


def _organizations(user: User, seed: Seed) -> str:
    names = {organization.id: organization.name for organization in seed.organizations}
    memberships = [
        f"{names[each.organization]} ({', '.join(seed.role(slug).name for slug in each.all_roles)})"
        for each in seed.active_memberships(user.id)
    ]
    return ", ".join(memberships) or "no organization"


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _section(title: str, rows: list[tuple[str, str]], colour: bool) -> str:
    bold, dim, plain = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if colour else ("", "", "")
    lines = [f"  {dim}{label:<19}{plain}{text}" for label, text in rows]
    return "\n".join([f"\n{bold}{title}{plain}", *lines])
