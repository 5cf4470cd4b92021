"""Check redirect URIs that clients register, and redirect to them."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode, urlsplit

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
PRINTABLE = re.compile(r"[!-\[\]-~]{1,2048}")  # visible ASCII without the backslash
# Schemes that browsers or operating systems handle themselves; others belong to applications.
ACTING_SCHEMES: frozenset[str] = frozenset().union(
    {"about", "blob", "cid", "data", "file", "filesystem", "jar", "mhtml", "mid", "res", "urn", "view-source"},
    {"javascript", "livescript", "vbscript", "shell", "ssh", "search-ms"},
    {"ftp", "ftps", "ws", "wss", "intent", "mailto", "sms", "tel"},
)

_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?([/?].*)?")


def is_registered(asked: str, registered: Iterable[str]) -> bool:
    """Whether the client may use this redirect URI.

    It must equal a registered one, except for the port of a loopback URI: a program on the user's machine gets
    another port for each login (RFC 8252 section 7.3; RFC 9700 section 2.1 includes localhost).
    """
    uris = tuple(registered)
    if asked in uris:
        return True
    wanted = _without_port(asked)
    return wanted is not None and wanted in map(_without_port, uris)


def _without_port(uri: str) -> tuple[str, str] | None:
    """The URI without its port; None if it is not a loopback URI."""
    found = _LOOPBACK.fullmatch(uri)
    return (found[1], found[2] or "") if found and redirect_uri_problem(uri) is None else None


def redirect_uri_problem(uri: object) -> str | None:
    """The reason why the URI cannot be registered; None if it can."""
    if not isinstance(uri, str) or not PRINTABLE.fullmatch(uri):
        return "it must be a string of visible ASCII characters"
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "it is not a well-formed URI"
    if "#" in uri:
        return "it must have no fragment"  # RFC 6749 section 3.1.2
    if "@" in parts.netloc:
        return "it must have no user part"
    return _scheme_problem(parts.scheme, host, uri)


def _scheme_problem(scheme: str, host: str | None, uri: str) -> str | None:
    if scheme == "https":
        return None if host else "it must have a host"
    if scheme == "http":
        # RFC 8252 section 7.3: plain http is for loopback only.
        return None if host in LOOPBACK_HOSTS else "http is for loopback hosts alone; use https"
    if not scheme or scheme in ACTING_SCHEMES or scheme.startswith("ms-"):
        return "its scheme is not allowed"
    # RFC 8252 section 7.1 recommends a dot in the scheme, but cursor:// and vscode:// have none.
    return None if len(uri) > len(scheme) + 1 else "it must go on after the scheme"


def shown_host(uri: str) -> str:
    """The part of a redirect URI that tells a person where it leads."""
    parts = urlsplit(uri)
    return parts.netloc if parts.scheme in ("http", "https") else f"{parts.scheme}:// (an app on this computer)"


def with_parameters(uri: str, parameters: Mapping[str, str | None]) -> str:
    """Add query parameters to the URI and keep its own (RFC 6749 section 3.1.2)."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(given, quote_via=quote)}"
