"""Refuse clients that use another name of this machine than BASE_URL has, with a message that says so.

The metadata names `http://127.0.0.1:8000/mcp`, also to a client that was given `http://localhost:8000/mcp`.
Every MCP SDK then refuses to log in (RFC 9728 section 3.3), with a message that seldom says what to do.
This cannot happen on AWS: a request for a foreign host never reaches the API.
"""

import ipaddress
from urllib.parse import urlsplit

from infra.local.gateway.request import HttpRequest

_ENDPOINT = ("/mcp", "/mcp/")


def other_name(request: HttpRequest, base_url: str) -> str | None:
    """The message for a client that is about to log in under another name of this machine, or None.

    A client with a token does not log in, and another host is a different mistake.
    """
    headers = dict(request.headers)
    if request.path not in _ENDPOINT or request.method == "OPTIONS" or headers.get("authorization"):
        return None
    name, own = _host_name(f"//{headers.get('host', '')}"), _host_name(base_url)
    if name is None or own in (None, name) or not _is_this_machine(name):
        return None
    return (
        f"This server is {base_url}/mcp: give the client that URL. No client can log in by the name {name}, "
        "because it is not the server's own."
    )


def _host_name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _is_this_machine(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761 section 6.3
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
