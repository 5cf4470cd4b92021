"""Which redirect URIs a client may register, and how to go back to one."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode, urlsplit

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
PRINTABLE = re.compile(r"[!-\[\]-~]{1,2048}")  # visible ASCII without the backslash
# Schemes a browser or an operating system acts on by itself; all else is an application's own.
ACTING_SCHEMES: frozenset[str] = frozenset().union(
    {"about", "blob", "cid", "data", "file", "filesystem", "jar", "mhtml", "mid", "res", "urn", "view-source"},
    {"javascript", "livescript", "vbscript", "shell", "ssh", "search-ms"},
    {"ftp", "ftps", "ws", "wss", "intent", "mailto", "sms", "tel"},
)

_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?([/?].*)?")


def is_registered(asked: str, registered: Iterable[str]) -> bool:
    """Whether a client that registered these redirect URIs may be led back to the one that it asks for.

    They are compared character by character, but for the port of a loopback URI: a program on the user's machine
    gets another one for each login (RFC 8252 section 7.3; RFC 9700 section 2.1, which names localhost too).
    """
    uris = tuple(registered)
    if asked in uris:
        return True
    wanted = _without_port(asked)
    return wanted is not None and wanted in map(_without_port, uris)


def _without_port(uri: str) -> tuple[str, str] | None:
    """Host and what follows the port; None for what is no loopback URI."""
    found = _LOOPBACK.fullmatch(uri)
    return (found[1], found[2] or "") if found and redirect_uri_problem(uri) is None else None


def redirect_uri_problem(uri: object) -> str | None:
    """Why the URI cannot be registered; None if it can."""
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
        # RFC 8252 section 7.3: plain http never leaves the machine.
        return None if host in LOOPBACK_HOSTS else "http is for loopback hosts alone; use https"
    if not scheme or scheme in ACTING_SCHEMES or scheme.startswith("ms-"):
        return "its scheme is not allowed"
    # RFC 8252 section 7.1, without its wish for a dot: cursor:// and vscode:// have none.
    return None if len(uri) > len(scheme) + 1 else "it must go on after the scheme"


def shown_host(uri: str) -> str:
    """The part of a redirect URI by which a person can tell where it leads."""
    parts = urlsplit(uri)
    return parts.netloc if parts.scheme in ("http", "https") else f"{parts.scheme}:// (an app on this computer)"


def with_parameters(uri: str, parameters: Mapping[str, str | None]) -> str:
    """The URI with more query parameters; what it has already is kept (RFC 6749 section 3.1.2)."""
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(given, quote_via=quote)}"
