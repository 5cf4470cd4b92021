"""The MCP URL that people paste into a client, and the addresses that follow from it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

PROTECTED_RESOURCE = "/.well-known/oauth-protected-resource"
AUTHORIZATION_SERVER = "/.well-known/oauth-authorization-server"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class AddressRefused(Exception):
    """The text is not the URL of an MCP server; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    """As the operator gave it; /mcp is added if it was only an origin."""
    origin: str
    """The origin as clients normalise it. BASE_URL has to be the same."""
    path: str

    @property
    def resource(self) -> str:
        """The resource indicator that the server should have."""
        return f"{self.origin}/mcp"

    @property
    def root_document(self) -> str:
        return f"{self.origin}{PROTECTED_RESOURCE}"

    @property
    def path_document(self) -> str:
        """RFC 9728 section 3.1: the path goes behind the well-known part, at the origin's root."""
        return f"{self.origin}{PROTECTED_RESOURCE}{self.path.rstrip('/')}"

    @property
    def mirror(self) -> str:
        return f"{self.origin}{AUTHORIZATION_SERVER}"


def read_address(text: str) -> Address:
    """Read the URL that the operator gave.

    Raises:
        AddressRefused: if no client could use it.
    """
    example = "for example URL=https://mcp.example.com/mcp"
    if not text:
        raise AddressRefused(f"URL is not set; give the server's MCP URL, {example}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise AddressRefused(f"URL is not valid; give the server's MCP URL, {example}") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not text.isprintable() or " " in text:
        raise AddressRefused(f"URL must begin with https:// and a host, {example}")
    if parts.username is not None or parts.query or parts.fragment:
        raise AddressRefused(f"URL must have no user, query or fragment, {example}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    # Operators often give BASE_URL alone; clients need the whole URL.
    bare = parts.path in ("", "/")
    url = f"{text.rstrip('/')}/mcp" if bare else text
    return Address(url, f"{parts.scheme}://{host}{shown}", "/mcp" if bare else parts.path)
