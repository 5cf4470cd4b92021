"""What `make dev` prints when it is ready: where it is, how to connect, who can log in."""

import json
from dataclasses import dataclass

from infra.local.seed import Seed, User

SERVER_NAME = "workos-mcp-local"


@dataclass(frozen=True, slots=True)
class Addresses:
    base_url: str
    authkit_url: str
    token_command: str = "make -s token"

    @property
    def mcp_url(self) -> str:
        return self.base_url + "/mcp"


def render_start_page(addresses: Addresses, seed: Seed, *, colour: bool) -> str:
    sections = {
        "Running": [("MCP endpoint", addresses.mcp_url), ("AuthKit", addresses.authkit_url)],
        "Connect a client": _clients(addresses.mcp_url, addresses.token_command),
        "Log in as": [(user.name, f"{user.email:<24}{_organizations(user, seed)}") for user in seed.users],
        "Go on": [
            ("A token", addresses.token_command),
            ("A new tool", "make new-tool NAME=hello, then edit app/tools/hello.py: saved is loaded"),
            ("The end", "Ctrl-C"),
        ],
    }
    return "\n".join(_section(title, rows, colour) for title, rows in sections.items())


def _clients(mcp_url: str, token_command: str) -> list[tuple[str, str]]:
    vs_code = _json({"name": SERVER_NAME, "type": "http", "url": mcp_url})
    cursor = _json({"mcpServers": {SERVER_NAME: {"url": mcp_url}}})
    inspector = f"npx @modelcontextprotocol/inspector --cli {mcp_url} --transport http"
    return [
        ("Claude Code", f"claude mcp add --transport http {SERVER_NAME} {mcp_url}"),
        ("VS Code", f"code --add-mcp '{vs_code}'"),
        ("Cursor", f"{cursor}   in .cursor/mcp.json"),
        ("Inspector", f'{inspector} --header "Authorization: Bearer $({token_command})" --method tools/list'),
        ("Inspector UI", f"npx @modelcontextprotocol/inspector, then Streamable HTTP and {mcp_url}"),
        ("Any other", f"npx -y mcp-remote {mcp_url}   as the command that it starts"),
        ("Claude, ChatGPT", "need a public URL: make deploy"),
    ]


def _organizations(user: User, seed: Seed) -> str:
    names = {organization.id: organization.name for organization in seed.organizations}
    memberships = [
        f"{names[each.organization]} ({', '.join(each.all_roles)})" for each in seed.memberships_of(user.id)
    ]
    return ", ".join(memberships) or "no organisation"


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _section(title: str, rows: list[tuple[str, str]], colour: bool) -> str:
    bold, dim, plain = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if colour else ("", "", "")
    lines = [f"  {dim}{label:<19}{plain}{text}" for label, text in rows]
    return "\n".join([f"\n{bold}{title}{plain}", *lines])
