"""The servers that are compared over HTTP: how each is started, whom it trusts, whom its tokens are for."""

import json
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench import node_notes
from bench.https_issuer import HttpsIssuer
from bench.node_build import MCP_HANDLER, NODE, SERVERS, build_xmcp, plugin_source, plugin_version
from bench.served import Running, free_port, running
from bench.subject import Subject
from tests.issuer import BASE_URL, CLIENT_ID, RESOURCE

OVER_HTTP = Path(__file__).parent / "over_http.py"


@dataclass(frozen=True, slots=True)
class Server:
    key: str
    title: str
    """For tables."""
    note: str
    """How it was set up."""
    command: tuple[str, ...]
    variables: Mapping[str, str]
    folder: Path
    port: int
    audience: str
    """What the tokens must be for."""

    def running(self) -> AbstractContextManager[Running]:
        return running(self.command, self.variables, self.folder, self.port)


def servers(ours: Subject, issuer: HttpsIssuer, folder: Path) -> list[Server]:
    """Built and ready to start; `folder` gets the bundles.

    Raises:
        NotRun: if one of them cannot be built.
    """
    middlewares = ("workos" if plugin_source() else "stand-in", "jwt")
    return [
        _ours(ours, issuer, folder),
        *(_xmcp(issuer, folder, middleware) for middleware in middlewares),
        _mcp_handler(issuer, folder),
    ]


def _ours(ours: Subject, issuer: HttpsIssuer, folder: Path) -> Server:
    (front, note), port = node_notes.OURS, free_port()
    return Server(
        key="ours-handler",
        title=f"{ours.title} {front}",
        note=note,
        command=(*ours.command, str(OVER_HTTP), str(port)),
        variables={**ours.variables(issuer.issuer.url), "SSL_CERT_FILE": str(issuer.trusted)},
        folder=folder,
        port=port,
        audience=RESOURCE,
    )


def _xmcp(issuer: HttpsIssuer, folder: Path, middleware: str) -> Server:
    # Of a token's audience the plugin knows the client id alone.
    audience = RESOURCE if middleware == "jwt" else CLIENT_ID
    version, port = versions()["xmcp"], free_port()
    name, note = (text.format(version=plugin_version()) for text in node_notes.XMCP[middleware])
    variables = {
        **_node(issuer, port),
        "WORKOS_API_KEY": "sk_test_1",
        "WORKOS_CLIENT_ID": CLIENT_ID,
        "WORKOS_AUTHKIT_DOMAIN": issuer.host,
        "AUDIENCE": audience,
        "PUBLIC_KEY": issuer.public_key,
    }
    return Server(
        key="xmcp-jwt" if middleware == "jwt" else "xmcp-workos",
        title=f"xmcp {version} + {name}",
        note=note,
        command=(str(NODE), str(build_xmcp(folder / middleware, middleware, port))),
        variables=variables,
        folder=folder / middleware,
        port=port,
        audience=audience,
    )


def _mcp_handler(issuer: HttpsIssuer, folder: Path) -> Server:
    found, port = versions(), free_port()
    return Server(
        key="mcp-handler",
        title=f"mcp-handler {found['mcp-handler']}",
        note=node_notes.MCP_HANDLER.format(**found),
        command=(str(NODE), str(MCP_HANDLER)),
        variables={**_node(issuer, port), "AUDIENCE": RESOURCE},
        folder=folder,
        port=port,
        audience=RESOURCE,
    )


def _node(issuer: HttpsIssuer, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "NODE_ENV": "production",
        "NODE_EXTRA_CA_CERTS": str(issuer.own),
        "XMCP_TELEMETRY_DISABLED": "true",
        "PORT": str(port),
        "ISSUER": issuer.issuer.url,
        "BASE_URL": BASE_URL,
    }


def versions() -> dict[str, str]:
    """Of the Node packages, as they are pinned."""
    pinned: dict[str, str] = json.loads(SERVERS.joinpath("package.json").read_text())["dependencies"]
    return pinned
